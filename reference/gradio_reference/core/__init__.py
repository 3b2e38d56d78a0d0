"""The scheduler: pure state, no asyncio, no clock, no sockets. Time comes in, messages go out."""

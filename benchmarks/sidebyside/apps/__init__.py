"""The servers: one program each, which serves the same functions until SIGTERM."""

"""check-client: the scenarios, their interpreter, and what they notice."""

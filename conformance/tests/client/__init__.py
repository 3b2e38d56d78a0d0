"""The client that a check holds: requests, streams, sessions, gates."""

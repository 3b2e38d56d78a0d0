"""What a server shows, compared with what the specification and other releases say of it."""

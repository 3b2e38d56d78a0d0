"""What a server does with requests that no client should send, and with all those it may send."""

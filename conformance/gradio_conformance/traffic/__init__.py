"""HTTP traffic between any client and any server, and what it says of both."""

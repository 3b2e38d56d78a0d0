"""Programs that let ``check-client`` judge a client library: each runs in a process of its own."""

"""Clients for the tests of check-client: one that keeps every clause, and its broken twins."""

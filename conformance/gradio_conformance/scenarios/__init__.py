"""Scripted servers, one scenario each, and what a client that meets them has to make of it."""

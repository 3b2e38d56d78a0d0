"""The documents that describe a server: /config, /info and openapi.json. Pure functions."""

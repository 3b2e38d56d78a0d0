"""Generated; test_types.py compares."""

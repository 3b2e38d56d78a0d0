"""The machine that draws sequences, its scripts, and what becomes of them."""

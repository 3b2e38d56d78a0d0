"""The suite: one module per area, each check bound to the clauses it proves."""

"""HTTP routes: one blueprint for each profile of the protocol."""

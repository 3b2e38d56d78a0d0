"""The gate: what differs between two versions of the protocol, and whom it breaks."""

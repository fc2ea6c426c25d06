"""The audit trail: reading it, sealing it."""

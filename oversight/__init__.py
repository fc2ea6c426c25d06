"""Who did it, and on whose behalf: the audit trail and stepping in."""

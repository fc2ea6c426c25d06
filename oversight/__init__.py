"""Who did it, and on whose behalf: the audit trail."""

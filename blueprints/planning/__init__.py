"""The planning area."""

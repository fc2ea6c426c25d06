"""Backups: made while others write, put back, and compared."""

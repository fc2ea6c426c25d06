"""Clients that other people wrote, against the sandbox."""

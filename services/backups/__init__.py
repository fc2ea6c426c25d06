"""Backups: made while the portal runs, one every night, and put back."""

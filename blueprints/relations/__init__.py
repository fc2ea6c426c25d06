"""The relations area."""

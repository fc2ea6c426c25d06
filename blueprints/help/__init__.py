"""The help area."""

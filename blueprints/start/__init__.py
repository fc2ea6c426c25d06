"""The start area."""

"""Doors to the outside world; each speaks our words to the rest of Crafter."""

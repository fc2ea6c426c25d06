"""The tenant itself: its details, its workers, how it is doing."""

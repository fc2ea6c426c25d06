"""Free text in lists."""

from __future__ import annotations


def like_pattern(word: str) -> str:
    """A LIKE pattern for a word that is found anywhere; its own wildcards are escaped with a backslash."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"

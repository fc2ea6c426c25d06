"""The error for a wish of a tester that cannot be carried out as it was written."""

from __future__ import annotations


class WrongWish(ValueError):
    """Something asked of the control API is not what it takes; the text says what it does take."""

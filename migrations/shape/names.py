"""A part of migration 0011: numbers and names by which lists are sorted and searched."""

from __future__ import annotations


def upgrade() -> None:
    """Forward; nothing yet."""


def downgrade() -> None:
    """Back; nothing yet."""

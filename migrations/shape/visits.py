"""A part of migration 0011: who is where and when."""

from __future__ import annotations


def upgrade() -> None:
    """Forward; nothing yet."""


def downgrade() -> None:
    """Back; nothing yet."""

"""A part of migration 0011: what may be billed once."""

from __future__ import annotations


def upgrade() -> None:
    """Forward; nothing yet."""


def downgrade() -> None:
    """Back; nothing yet."""

"""The blueprint of one's own account."""

from __future__ import annotations

from flask import Blueprint, session

blueprint = Blueprint("account", __name__)


def cookie_token() -> str:
    """What the cookie of this session says: the one that stays when the others end."""
    return session.token or ""  # type: ignore[attr-defined]

"""For whom the page was made that a form stood on: signed by us, and brought along by the form.

A login may end while somebody types, and a bon may go to somebody else. What a form brings tells then who was typing
(web/lost_forms.py), and which bon they had before them. Only our own pages hold it, so what another site sends in
somebody's name is never kept and never shown.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, g, request
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from services.once import KEPT

FIELD, ORDER_FIELD = "whose", "shown_order"
NOBODY = ""


def signed() -> str:
    """Who reads the page that is being made; the same for each form on it."""
    if "signed_whose" not in g:
        g.signed_whose = _sealed("whose page").dumps(present())
    found: str = g.signed_whose
    return found


def present() -> str:
    """Who asks now: the id of a person, or nobody."""
    return str(current_user.person.id) if current_user.is_authenticated else NOBODY


def sent() -> str | None:
    """Who read the page whose form was sent, or None when it does not say, or stood open too long."""
    found = _read("whose page", request.form.get(FIELD, ""))
    return found if isinstance(found, str) else None


def shown_order(order: Any) -> str:
    """The bon that stands on the page that is being made, for who reads it."""
    return _sealed("shown order").dumps([present(), str(order.id), order.number, order.title])


def order_shown(order_id: UUID) -> tuple[str, str] | None:
    """Number and title of this bon as they stood on the page whose form was sent, when whoever asks now had it before
    them; else None."""
    found = _read("shown order", request.form.get(ORDER_FIELD, ""))
    if not isinstance(found, list) or found[:2] != [present(), str(order_id)]:
        return None
    return found[2], found[3]


def _read(what: str, given: str) -> Any:
    try:
        return _sealed(what).loads(given, max_age=int(KEPT.total_seconds()))
    except (BadSignature, ValueError):
        return None


def _sealed(what: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=what)

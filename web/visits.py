"""Support inside a tenant: the one place that decides what a visitor's request may do, and notes it.

Looking along refuses every unsafe method; acting asks each of them once more. What the door lets through is held by the
database too: a session that looks only cannot write (tenancy/read_only.py).
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, request, session

from blueprints._hypermedia import answer, over_the_page
from domain.permissions import Actor
from services.support import visits
from web.once import BROUGHT

SAFE = frozenset({"GET", "HEAD"})


def visitor(slug: str, staff_id: UUID) -> Actor | None:
    """The visitor in the tenant this session steps into, or None. A visit there that is over says so (403)."""
    visit_id = session.get("visit_id")
    if not visit_id:
        return None
    actor = visits.visitor_in(slug, staff_id, UUID(visit_id))
    if actor is None and session.get("visit_slug") == slug:
        abort(403, "visit_ended")
    return actor


def bind_session(actor: Actor) -> None:
    """A visitor who only looks gets a database that only reads, before anything else is asked of it."""
    visits.bind_session(actor)


def check(actor: Actor, permission: str) -> Response | None:
    """Let a visitor's request pass (None), ask once more, or refuse it; noted in the tenant's log in each case."""
    safe = request.method in SAFE
    if not actor.acting and not safe:
        _note(actor, "refused")
        abort(403, "read_only_visit")
    if not actor.may(permission) or (not safe and request.method != "POST"):
        _note(actor, "refused")
        abort(403, "closed_to_support")
    if safe or request.form.get("confirmed") == "1":
        _note(actor, "looked" if safe else "pressed")
        return None
    _note(actor, "asked")
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in BROUGHT]
    here = request.full_path.rstrip("?")
    page = answer("support/confirm.html", "support/_confirm.html", 428, fields=fields, action=here)
    return over_the_page(page)


def _note(actor: Actor, what: str) -> None:
    path = request.path.removeprefix(f"/t/{actor.tenant_slug}") or "/"
    ids = {name: value for name, value in (request.view_args or {}).items() if isinstance(value, UUID)}
    visits.note_request(actor, what, request.endpoint or "", path, ids)

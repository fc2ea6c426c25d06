"""The first 20 rows that answer to what was typed so far: customers, workers, work sites, articles."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints._choices import ARTICLES, CUSTOMERS, EVERYBODY, LOCATIONS, LONGEST, WORKERS, Kind, row_id, said
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer
from services.orders.choices import MOST, Found

blueprint = tenant_blueprint("choices", __name__, "/choices")


@blueprint.get("/customers")
@door("relation:read")
def customers() -> Response:
    """Customers by name, place or code."""
    return _answer(CUSTOMERS)


@blueprint.get("/workers")
@door("planning:read")
def workers() -> Response:
    """Workers by name."""
    return _answer(WORKERS)


@blueprint.get("/everybody")
@door("planning:read")
def everybody() -> Response:
    """Workers by name, with those who left."""
    return _answer(EVERYBODY)


@blueprint.get("/locations")
@door("work_order:write")
def locations() -> Response:
    """The work sites of one customer."""
    return _answer(LOCATIONS, request.args.get("relation_id", ""))


@blueprint.get("/articles")
@door("work_order:perform")
def articles() -> Response:
    """Articles by code or description; with their prices for who may see those."""
    return _answer(ARTICLES)


def _answer(kind: Kind, within: str = "") -> Response:
    text = request.args.get("q", "").strip()[:LONGEST]
    found = kind.find(text, row_id(within))
    context: dict[str, Any] = {"found": found, "said": _said(kind, found, text), "text": text}
    return answer("choices/show.html", "choices/_hits.html", prices=present_actor().may("price:read"), **context)


def _said(kind: Kind, found: Found, text: str) -> str:
    """How many there are, in words, for the eye and for a screen reader."""
    if found.more:
        return str(_("Dit zijn de eerste %(n)s. Typ verder om de rest te vinden.", n=MOST))
    if not found.hits:
        return said(kind, found, text)
    return str(ngettext("%(num)s gevonden", "%(num)s gevonden", len(found.hits)))

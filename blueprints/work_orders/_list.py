"""What the list of work orders shows: the rows, the views above them, and the addresses of other pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from blueprints._doors import present_actor
from blueprints._words import say
from blueprints.work_orders.bon import shown_state
from blueprints.work_orders.forms import SORTS, FilterForm, wanted
from domain import posting as states
from domain.work_order import STATE_NAMES
from services.orders import listing
from services.reconciliation import paid
from tenancy.clock import day_of

INVOICE_VIEWS = {
    states.REFUSED: _l("Geweigerd"),
    states.NOT_SENT: _l("Niet verstuurd"),
    states.UNCERTAIN: _l("Onzeker"),
    states.SENDING: _l("Bezig"),
    states.CONFLICT: _l("Tegenstrijdig"),
    states.GONE: _l("Verdwenen daar"),
    "not_invoiced": _l("Nog niet gefactureerd"),
    paid.IS_OWED: _l("Openstaand"),
    paid.IS_LATE: _l("Te laat"),
    paid.IS_UNKNOWN: _l("Betaling onbekend"),
}


def page(args: MultiDict[str, str]) -> dict[str, Any]:
    """Everything the list needs, from the address's parameters; `here` is its own shortest one."""
    actor = present_actor()
    whose = _whose(args)
    filter_ = wanted(args, whose)
    prices = actor.may("price:read")
    if filter_.state not in STATE_NAMES and not (prices and filter_.state in INVOICE_VIEWS):
        filter_ = replace(filter_, state="")
    on = day_of(datetime.now(UTC))
    found, may_pick = listing.list_(actor, filter_), prices and actor.may("work_order:approve")
    given = {
        "state": filter_.state,
        "relation": str(filter_.relation_id or ""),
        "worker": str(filter_.worker_id or ""),
        "q": filter_.text,
        "sort": "" if filter_.sort == "-number" else filter_.sort,
    }

    plain = url_for("work_orders.list_")

    def address(**other: str) -> str:
        said = {name: value for name, value in {**given, **other}.items() if value}
        return f"{plain}?{urlencode(said)}" if said else plain

    return {
        "found": found,
        "filter": filter_,
        "prices": prices,
        "shown_state": lambda row: shown_state(row, row.posting_state),
        "paid": lambda row: paid.of_row(row.payment_state, row.due_on, on),
        "may_pick": may_pick,
        "can_pick": may_pick and any(row.may_be_picked for row in found.rows),
        "views": [("", _l("Alle")), *((state, say(name).capitalize()) for state, name in STATE_NAMES.items())],
        "invoice_views": list(INVOICE_VIEWS.items()) if prices else [],
        "given": {name: value for name, value in given.items() if value},
        "address": address,
        "here": address(after=filter_.after),
        "filtered": bool(filter_.state or filter_.relation_id or filter_.worker_id or filter_.text),
        "whose": whose,
        "sorts": SORTS,
    }


def _whose(args: MultiDict[str, str]) -> FilterForm:
    """The customer and the mechanic that the address asks for; only who may choose them may search for them, too."""
    actor, form = present_actor(), FilterForm(args)
    for field, permission in ((form.relation, "relation:read"), (form.worker, "planning:read")):
        if actor.may(permission):
            field.ask(form) if field.name == args.get("ask") else field.settle(form)
    return form

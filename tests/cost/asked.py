"""What the cost of is counted: every page, with what its address may ask, and as htmx's fragment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule

from domain.posting import NUMBER_STATES
from domain.reconciliation import Stand
from domain.work_order import STATE_NAMES
from services.reconciliation.paid import FILTERS
from services.trail.history import KINDS
from tests.cost.conftest import Grown
from tests.isolation.test_neighbour import ids_of, tenant_rules, url

_INVOICE_STATES = ("refused", "not_sent", "uncertain", "conflict", "not_invoiced", *FILTERS)

# By endpoint, what an address may ask; in braces the ids of `ids`. Deep pages begin in the middle of the history.
VIEWS: dict[str, tuple[str, ...]] = {
    "work_orders.list_": (
        *(f"state={state}" for state in (*STATE_NAMES, *_INVOICE_STATES)),
        "sort=number", "sort=planned", "sort=-planned", "after={order_id}", "sort=planned&after={order_id}",
        "sort=-planned&after={order_id}", "sort=number&after={order_id}", "after=-{order_id}", "relation={relation_id}",
        "worker={worker_id}", "worker={worker_id}&sort=planned", "worker={worker_id}&sort=-planned",
        "worker={worker_id}&after={order_id}", "relation={relation_id}&sort=planned",
        "state=approved&sort=planned", "state=approved&sort=-planned", "state=done&sort=planned",
        "state=refused&sort=planned", "state=approved&after={order_id}", "state=done&worker={worker_id}",
        "q={word}", "q={number}", "q={nothing}", "q={word}&state=done", "q={word}&worker={worker_id}", "q=OPD-100004",
        "relation-text={name}&relation-asked=&ask=relation",
        "worker-text=Monteur&worker-asked=&ask=worker",
    ),
    "planning.show": ("week={week}", "day={day}"),
    "relations.list_": (
        "after={relation_id}", "after=-{relation_id}", "q={name}",
        "q={code}", "q={nothing}", "q=Gouda", "vanished=1", "q={name}&vanished=1",
        "q=Gouda&after={relation_id}",
    ),
    "relations.alike": (
        "name={name}&postcode=2801+AB", "email=info@bedrijf.example", "coc_number=12345678&vat_number=NL001234567B01",
    ),
    "relations.elsewhere_list": ("after={relation_id}", "more={relation_id}"),
    "relations.progress": ("q={name}&vanished=1&after={relation_id}",),
    "articles.list_": (
        "after={article_id}", "q={word}", "q=A0002", "q={nothing}", "vanished=1", "q={word}&after={article_id}",
    ),
    "settings.bookkeeping": ("seen=0123456789abcdef&keep=yes",),
    "articles.progress": ("q={word}&vanished=1&after={article_id}",),
    "settings.history": (
        *(f"kind={kind}" for kind in KINDS), "who=Olga", "who={nothing}", "since={day}", "through={day}",
        "since={day}&through={day}&kind=orders&who=Olga", "visits=1", "after={entry_id}",
        "after=-{entry_id}",
        "after={entry_id}&kind=settings",
    ),
    "settings.export_history": ("since={day}&through={day}", "kind=people&who={nothing}", "visits=1"),
    "settings.numbers": (*(f"state={state}" for state in NUMBER_STATES), "after={number_id}"),
    "settings.syncs": ("after={run_id}",),
    "reconciliation.show": (*(f"state={stand}" for stand in Stand), "state=settled&after={finding_id}"),
    "reconciliation.progress": ("state=settled&after={finding_id}",),
    "reconciliation.runs": ("after={reconciliation_id}", "after=-{reconciliation_id}"),
    "choices.customers": ("q={name}", "q={code}", "q={nothing}", "q=Gouda {name}"),
    "choices.articles": ("q={word}", "q=A0002", "q={nothing}", "q=deel Badkamer"),
    "choices.workers": ("q=Monteur", "q={nothing}"),
    "choices.everybody": ("q=Monteur", "q={nothing}"),
    "choices.locations": ("relation_id={relation_id}", "relation_id={relation_id}&q=Kade"),
    "work_orders.new": ("relation={relation_id}", "ask=relation_id", "ask=worker_id"),
    "work_orders.edit": ("ask=location_id", "ask=lines-0-article"),
    "work_orders.report_form": ("ask=lines-0-article",),
    "work_orders.locations": ("relation_id={relation_id}", "relation_id={relation_id}&executed_on={day}"),
    "help.index": ("q=factuur",),
}  # fmt: skip


# Pages that an order has while it is open.
OF_OPEN_ORDERS = {"work_orders.finished_form"}


def ids(grown: Grown, order_id: UUID) -> dict[str, Any]:
    """What an address may name, out of the middle of the history."""
    filled = grown.filled
    words = {"word": "Onderhoud", "nothing": "Zzyzx", "number": filled.number, "code": "R0010", "name": "Visser"}
    return ids_of(grown.place) | words | {
        "order_id": order_id, "relation_id": filled.relation_id, "location_id": filled.location_id,
        "article_id": filled.article_id, "entry_id": filled.entry_id, "number_id": filled.number_id,
        "finding_id": filled.finding_id, "reconciliation_id": filled.reconciliation_id,
        "run_id": filled.run_id, "day": filled.day.isoformat(), "week": f"{filled.day:%G-W%V}",
    }  # fmt: skip


def pages(app: Flask) -> list[Rule]:
    """The routes of a tenant that can be opened."""
    return [rule for rule in tenant_rules(app) if "GET" in (rule.methods or ())]


def addresses(grown: Grown) -> Iterator[tuple[str, str]]:
    """Every page with a name that is the same for every size: of each kind of order, and each of its views."""
    filled = grown.filled
    orders = {"posted": filled.posted_order, "done": filled.done_order, "refused": filled.refused_order}
    for rule in pages(grown.app):
        found = orders if "order_id" in rule.arguments else {"": filled.posted_order}
        if rule.endpoint in OF_OPEN_ORDERS:
            found = {"planned": filled.planned_order}
        for kind, order_id in found.items():
            named = ids(grown, order_id)
            address = url(grown.app, rule, "vos", named)
            yield f"{rule.endpoint} {kind}".rstrip(), address
            for view in VIEWS.get(rule.endpoint, ()):
                yield f"{rule.endpoint} {kind}?{view}", f"{address}?{view.format(**named)}"

"""Ids and searches in other places than the path: query strings, forms, cursors, exports. Nothing of Vos comes out.

Every text of Vos is overwritten with one word; whatever route answers somebody of Buur with it, shows the neighbour.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, String, Table, UniqueConstraint, select

from domain.payment import Paid
from models import (
    AuditEntry,
    BillingTerm,
    InvoicePosting,
    Membership,
    Payment,
    Person,
    Reconciliation,
    ReconciliationMonth,
    SupportVisit,
    Tenant,
    Worker,
)
from services.company import tenants
from services.invoicing import press
from services.transaction import write_transaction
from tenancy.database import Base, db
from tenancy.fence import TenantScoped
from tenancy.row_security import tell
from tests.isolation.test_neighbour import NEIGHBOURS, fingerprint_of, ids_of, methods, tenant_rules, url
from tests.support.cast import make_order, process
from tests.support.client import client_for

WORD = "Voskanarie"
ROOT = Path(__file__).parents[2]
# Parameters of query strings and forms that name a row, and which row of ours they are tried with.
ROWS = {
    "relation": "relation_id",
    "relation_id": "relation_id",
    "location_id": "location_id",
    "worker": "worker_id",
    "worker_id": "worker_id",
    "article_id": "article_id",
    "order": "order_id",
    "other": "relation_id",
    "person_id": "person_id",
    "subject_id": "person_id",
    "after": "order_id",
}
# The others; a new parameter belongs in one of the two.
PLAIN = {
    "again", "anyway", "ask", "code", "confirmed", "day", "executed_on", "fetch_code", "finish", "form", "hours",
    "keep", "kind", "language", "list", "more", "next", "q", "seen", "since", "sort", "state", "template", "through",
    "to_backlog", "username", "vanished", "version", "visits", "wanted", "week", "who", "work_done", "yes",
}  # fmt: skip


def parameters_in_the_source() -> set[str]:
    """Every parameter that the blueprints read by name, and every form field that holds a row."""
    patterns = (
        r"\b(?:args|form|values)\.(?:get|getlist)\(\s*[\"'](\w+)[\"']",
        r"[\"'](\w+)[\"'] (?:not )?in request\.(?:args|form|values)",
        r"^\s+(\w+) = (?:Row|Choice)Field\(",
        r"^\s+(\w+_id) = \w*Field\(",
    )
    found = set()
    for path in (ROOT / "blueprints").rglob("*.py"):
        for pattern in patterns:
            found |= set(re.findall(pattern, path.read_text(), re.M))
    return found


def test_every_parameter_is_known_here() -> None:
    found = parameters_in_the_source()
    assert {"relation_id", "order", "q"} <= found
    unknown = found - ROWS.keys() - PLAIN
    assert not unknown, (
        f"{sorted(unknown)}: does it name a row? Put it in ROWS, else in PLAIN, of {Path(__file__).name}"
    )


@pytest.fixture
def marked(app: Flask, cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, after Vos got rows in all its tables and every text of Vos became WORD."""
    actor, vos = process("vos"), cast.vos
    press.approve(app.extensions["crafter"], actor, make_order(actor, vos.relation_id))
    with write_transaction() as session:
        now = session.scalars(select(AuditEntry.at)).first()
        texts = dict.fromkeys(("person_name", "on_behalf_of", "subject_name"), WORD)
        session.add(AuditEntry(at=now, event="relation.created", data={"name": WORD}, **texts))
        person_id = session.scalars(select(Worker.person_id)).one()
        people = select(Membership.person_id).where(Membership.tenant_id == vos.tenant_id)
        session.add(SupportVisit(tenant_id=vos.tenant_id, staff_id=person_id, reason=WORD, started_at=now, ends_at=now))
        run = session.scalars(select(Reconciliation)).first()
        session.add(ReconciliationMonth(run_id=run.id, month=run.first))
        row = session.scalars(select(InvoicePosting)).first()
        session.add(BillingTerm(order_id=vos.order_id, n=1, label=WORD, percent=Decimal(30)))
        session.add(Payment(posting_id=row.id, relation_code="1001", state=Paid.OPEN, since=now))
        for person in session.scalars(select(Person).where(Person.id.in_(people))):
            person.name = WORD
        session.scalars(select(Tenant).where(Tenant.id == vos.tenant_id)).one().name = WORD
    tenants.leave()
    empty = overwrite(vos.tenant_id)
    assert empty <= {"audit_seal"}, "let this fixture make a row in these tables of Vos too"
    return SimpleNamespace(vos=cast.vos, buur=cast.buur, foreign=ids_of(vos))


def overwrite(tenant_id: int) -> set[str]:
    """Make every text of a tenant WORD; nobody of that tenant can work with it afterwards. The tables without rows."""
    empty = set()
    with db.engine.begin() as connection:
        tell(connection, tenant_id)
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            if not issubclass(mapper.class_, TenantScoped) or table.name == "audit_entry":  # which only grows
                continue
            keys = list(table.primary_key.columns)
            rows = connection.execute(select(*keys).where(table.c.tenant_id == tenant_id)).all()
            empty |= set() if rows else {table.name}
            for number, key in enumerate(rows):
                values = {name: f"{WORD}{number}"[:length] for name, length in texts(table).items()}
                if values:
                    row = (column == value for column, value in zip(keys, key, strict=True))
                    connection.execute(table.update().where(*row).values(values))
    return empty


def texts(table: Table) -> dict[str, int | None]:
    """The text columns of a table with their length, but short ones that must stay unique and what a CHECK reads."""
    unique = {
        column.name
        for key in [*table.indexes, *table.constraints]
        if getattr(key, "unique", False) or isinstance(key, UniqueConstraint | PrimaryKeyConstraint)
        for column in key.columns  # type: ignore[union-attr]
    }
    checked = " ".join(str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint))
    found = {
        column.name: column.type.length
        for column in table.columns
        if isinstance(column.type, String) and not re.search(rf"\b{column.name}\b", checked)
    }
    return {name: length for name, length in found.items() if name not in unique or not length or length >= 15}


def shows(answer: object) -> bool:
    """Whether an answer, or an address it leads to, shows anything of Vos. The cast's own sign counts too."""
    text = answer.get_data().decode(errors="replace") + str(answer.headers)  # type: ignore[attr-defined]
    return any(sign in text.casefold() for sign in ("oskanarie", "familie vos", "vos.example"))


def test_the_word_would_be_seen(app: Flask, marked: SimpleNamespace) -> None:
    """Vos's own owner does see it: the search below can find something."""
    client = client_for(app, "owner")
    assert shows(client.get("/t/vos/relations/"))
    assert shows(client.get("/t/vos/settings/numbers/export"))
    assert shows(client.get("/t/vos/settings/history"))


@pytest.mark.parametrize("who", NEIGHBOURS)
def test_no_page_list_search_or_export_shows_the_neighbour(app: Flask, marked: SimpleNamespace, who: str) -> None:
    """Every page; those that name no row, where lists and searches are, also with a search and with foreign rows."""
    client = client_for(app, who)
    foreign = {name: str(marked.foreign[row]) for name, row in ROWS.items()}
    asked = [{}, {"q": "kanarie"} | foreign]
    if who == "neighbour":  # the others ask the same functions; for them the pages differ, not the rows
        asked += [{"q": "kanarie"}, *({name: value} for name, value in foreign.items())]
    for rule in tenant_rules(app):
        if "GET" in methods(rule):
            address = url(app, rule, "buur", ids_of(marked.buur))
            for query in asked if rule.arguments == {"tenant_slug"} else asked[:1]:
                answer = client.get(address, query_string=query)
                assert answer.status_code < 500, f"{address} {query}"
                assert not shows(answer), f"{who} {address} {query}"
    for rule in app.url_map.iter_rules():
        if "GET" in methods(rule) and not rule.arguments:
            assert not shows(client.get(rule.rule)), rule.rule


def test_ids_of_the_neighbour_in_any_form_change_and_show_nothing_of_it(app: Flask, marked: SimpleNamespace) -> None:
    """Every form, with every field that names a row naming one of Vos."""
    client, before = client_for(app, "neighbour"), fingerprint_of(marked.vos.tenant_id)
    foreign = {name: str(marked.foreign[row]) for name, row in ROWS.items()}
    for given in (foreign | {"version": "1"}, foreign | {"order": f"{foreign['order']}:1"}):
        for rule in tenant_rules(app):
            for method in methods(rule) - {"GET"}:
                address = url(app, rule, "buur", ids_of(marked.buur))
                answer = client.open(address, method=method, data=given)
                assert answer.status_code < 500, address
                assert not shows(answer), address
    assert fingerprint_of(marked.vos.tenant_id) == before
    assert pointing_at(marked.buur.tenant_id, marked.foreign) == []


ORDER = {
    "title": "Lekkage", "version": "1", "executed_on": "18-11-2026", "yes": "day:2026-11-18",
    "lines-0-kind": "hours", "lines-0-quantity": "1",
    "lines-0-description": "Arbeid", "lines-0-unit": "uur", "lines-0-price": "60", "lines-0-vat_code": "high",
}  # fmt: skip
# A form that is right but for one id: where it goes, what is typed besides, the field, and the answer.
FORMS = [
    ("work-orders/", ORDER, "relation_id", 422),
    ("work-orders/", ORDER | {"relation_id": "own"}, "location_id", 422),
    ("work-orders/", ORDER, "worker_id", 422),
    ("work-orders/", ORDER, "lines-0-article_id", 303),  # not read: the article is found by its text
    ("work-orders/{planned_id}/edit", ORDER, "relation_id", 422),
    ("work-orders/{planned_id}/edit", ORDER | {"relation_id": "own"}, "location_id", 422),
    ("work-orders/{planned_id}/edit", ORDER, "worker_id", 422),
    ("work-orders/{planned_id}/edit", ORDER, "lines-0-article_id", 303),
    ("planning/{planned_id}", {"planned_on": "2026-11-23"}, "worker_id", 422),
    ("settings/workers/new", {"name": "Nieuw", "colour": "petrol", "active": "y"}, "person_id", 422),
    ("settings/workers/{worker_id}/edit", {"name": "Wim", "colour": "petrol", "active": "y"}, "person_id", 422),
    ("bulk/preview", {}, "order", 200),
    ("bulk/start", {}, "order", 422),
    ("bulk/together", {}, "order", 422),
]


@pytest.mark.parametrize(("path", "typed", "field", "status"), FORMS)
def test_a_form_that_is_right_but_for_one_foreign_id_is_refused(
    app: Flask, cast: SimpleNamespace, path: str, typed: dict[str, str], field: str, status: int
) -> None:
    planned_id = make_order(process("buur"), cast.buur.relation_id, state="draft")
    if path == "settings/workers/new":
        with write_transaction() as session:
            session.scalars(select(Worker)).one().person_id = None  # free for the worker of this form
    client, before = client_for(app, "neighbour"), fingerprint_of(cast.vos.tenant_id)
    row, ending = ROWS[field.removeprefix("lines-0-")], ":1" if path in {"bulk/start", "bulk/together"} else ""
    own, foreign = ids_of(cast.buur)[row], ids_of(cast.vos)[row]
    typed = {name: str(cast.buur.relation_id) if value == "own" else value for name, value in typed.items()}
    address = f"/t/buur/{path}".format(**ids_of(cast.buur), planned_id=planned_id)

    answer = client.post(address, data=typed | {field: f"{foreign}{ending}"})
    assert answer.status_code == status
    assert not shows(answer)
    assert fingerprint_of(cast.vos.tenant_id) == before
    assert pointing_at(cast.buur.tenant_id, ids_of(cast.vos)) == []
    if status == 422 and not ending:  # and it was about the id: with one of their own the same form is taken
        assert client.post(address, data=typed | {field: str(own)}).status_code == 303


def pointing_at(tenant_id: int, foreign: dict[str, UUID]) -> list[str]:
    """Where rows of a tenant hold one of these ids."""
    found = []
    for table, rows in fingerprint_of(tenant_id).items():
        if table == "membership":
            continue
        found += [f"{table}: {row}" for row in rows if any(str(row_id) in row for row_id in foreign.values())]
    return found

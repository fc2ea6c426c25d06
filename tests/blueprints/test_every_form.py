"""Every form at once: what it does is said beside its door, and sent twice it is carried out once."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from blueprints._deeds import MAKES, Deed, does
from domain.notes import note
from domain.reconciliation import Stand
from models import FormDone, Location, ReconciliationFinding, Relation
from services.invoicing import press
from services.link import connection, leaving
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import Base, db
from tests.cost import deeds
from tests.isolation.test_every_route import every_row
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import make_order, process
from tests.support.client import HouseClient, client_for
from tests.support.sandbox_process import Sandbox

# The moved addresses hand a form on whole (308), and the new one carries it out.
HANDED_ON = "old_addresses."


def posts(app: Flask) -> list[Rule]:
    """Every route that takes a form."""
    rules = (rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()))
    return [rule for rule in rules if not rule.endpoint.startswith(HANDED_ON)]


def deed_of(app: Flask, rule: Rule) -> Deed | None:
    """What its route says that it does."""
    return getattr(app.view_functions[rule.endpoint], "deed", None)


def wrong(app: Flask) -> list[str]:
    """The routes that do not say what they do, or say what is not there."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    found = []
    for rule in posts(app):
        deed = deed_of(app, rule)
        if deed is None:
            found.append(f"{rule.endpoint}: put @makes, @edits or @does under its door (blueprints/_deeds.py)")
            continue
        at = f"{rule.endpoint.split('.')[0]}{deed.at}" if deed.at.startswith(".") else deed.at
        if at and at not in endpoints:
            found.append(f"{rule.endpoint}: there is no page {at}")
        if deed.what and deed.what not in Base.metadata.tables:
            found.append(f"{rule.endpoint}: there is no table {deed.what}")
    return found


def test_every_route_that_takes_a_form_says_what_it_does(app: Flask) -> None:
    assert len(posts(app)) > 70
    assert wrong(app) == []


def test_at_most_eight_are_carried_out_at_every_press_and_each_says_why(app: Flask) -> None:
    found = {rule.endpoint: deed.each_time for rule in posts(app) if (deed := deed_of(app, rule)) and deed.each_time}
    print(*found.items(), sep="\n")
    assert 0 < len(found) <= 8
    assert "" not in found.values()


def test_a_route_that_says_nothing_is_seen(app: Flask) -> None:
    app.add_url_rule("/vergeten", "forgotten", lambda: "hello", methods=["POST"])
    assert [line.partition(":")[0] for line in wrong(app)] == ["forgotten"]


def test_a_route_that_leads_nowhere_is_seen(app: Flask) -> None:
    app.add_url_rule("/vergeten", "forgotten", does(at="settings.nowhere")(lambda: "hello"), methods=["POST"])
    assert wrong(app) == ["forgotten: there is no page settings.nowhere"]


def test_every_form_of_every_page_has_a_token_of_its_own(app: Flask, cast: SimpleNamespace) -> None:
    client, seen = client_for(app, "owner"), dict[str, str]()
    for rule in app.url_map.iter_rules():
        scoped = "tenant_slug" in rule.arguments
        if "GET" not in (rule.methods or ()) or rule.endpoint.endswith("static") or (rule.arguments and not scoped):
            continue
        page = client.get(url(app, rule, "vos", ids_of(cast.vos)) if scoped else rule.rule)
        if page.mimetype != "text/html":
            continue
        for form in re.findall(r'<form[^>]*method="post".*?</form>', page.text, re.S):
            tokens = re.findall(r'name="once" value="([\w-]{22})"', form)
            assert len(tokens) == 1, f"{rule.endpoint}: {form[:200]}"
            # the menu is drawn twice, for a phone and for a desk: the same form in two places
            assert seen.setdefault(tokens[0], form) == form, f"{rule.endpoint} has a token twice"
    assert len(seen) > 50


LONG = re.compile(r"<textarea|data-lines")
SECRET = re.compile(r'type="(password|file)"|autocomplete="[^"]*(password|one-time-code)')


def posted_forms(app: Flask, names: dict[str, Any]) -> dict[str, str]:
    """The forms that the owner sees on the pages of Vos: the whole of each by the endpoint it is sent to."""
    client, found = client_for(app, "owner"), dict[str, str]()
    for rule in tenant_rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        page = client.get(url(app, rule, "vos", names))
        forms = (
            re.findall(r'<form[^>]*method="post".*?</form>', page.text, re.S) if page.mimetype == "text/html" else []
        )
        for form in forms:
            action = re.search(r'action="([^"?]*)', form)
            endpoint = app.url_map.bind("localhost").match(action[1] if action else rule.rule, method="POST")[0]
            found[endpoint] = form
    return found


def test_every_long_form_is_kept_in_the_browser_and_none_with_a_secret(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    place = grown(app, vos, sandbox)
    forms = posted_forms(app, ids_of(vos)) | posted_forms(app, ids_of(vos) | {"order_id": place.filled.posted_order})
    kept = {endpoint for endpoint, form in forms.items() if re.match(r"<form[^>]* data-draft[ >\n]", form)}
    print("kept:", *sorted(kept))
    assert {endpoint for endpoint, form in forms.items() if LONG.search(form)} - kept == set(), "add data-draft"
    assert {endpoint for endpoint in kept if SECRET.search(forms[endpoint])} == set()
    deeds_of = {rule.endpoint: deed_of(app, rule) for rule in posts(app)}
    assert {endpoint for endpoint in kept if (deed := deeds_of[endpoint]) is None or deed.each_time} == set()
    assert kept >= {
        "work_orders.create", "work_orders.report", "work_orders.note_correction", "relations.create",
        "relations.save_notes", "relations.create_location", "articles.create",
    }  # fmt: skip


# --- every form sent twice ------------------------------------------------------------------------------------------


class Sent(NamedTuple):
    """A form: who sends it, where, and what is filled in."""

    client: HouseClient
    address: str
    form: dict[str, Any]


def twice(sent: Sent) -> tuple[Any, Any, bool, list[str]]:
    """The answers to a form sent two times, whether the first one was written down as carried out, and which tables
    the second one changed."""
    form, before = {**sent.form, "once": secrets.token_urlsafe(16)}, carried_out()
    first = sent.client.post(sent.address, data=form)
    written, between = carried_out() > before, every_row(but={"login_session"})
    second = sent.client.post(sent.address, data=form)
    after = every_row(but={"login_session"})
    return first, second, written, [name for name, rows in after.items() if rows != between[name]]


def carried_out() -> int:
    """How many forms are written down as carried out."""
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(FormDone)) or 0


def check(endpoint: str, deed: Deed, sent: Sent, refused: bool) -> list[str]:
    """What is wrong with a form that was sent twice, in words."""
    first, second, written, changed = twice(sent)
    told = f"{endpoint}: {first.status_code}, then {second.status_code} to {second.location}"
    if refused:
        return [] if not written and first.status_code == second.status_code == 422 else [f"{told}, not refused"]
    if first.status_code not in {200, 204, 303}:
        return [f"{told}, answered otherwise than expected"]
    if deed.each_time:
        return [] if not written else [f"{told}, written down"]
    found = [f"{told}, the second changed {changed}"] if changed else []
    if not written and endpoint not in WRITES_NOTHING:
        found.append(f"{told}, not written down")
    if written and second.status_code != 303:
        found.append(f"{told}, not led to the result")
    if written and deed.kind == MAKES and first.status_code == 303 and endpoint in LEADS_TO_IT:
        found += [f"{told} and not {first.location}"] if second.location != first.location else []
    return found


# What writes nothing by `write_transaction`, so that nothing is written down.
WRITES_NOTHING = {
    "bulk.preview": "it asks",
    "work_orders.compare": "it asks",
    "work_orders.check": "a refused invoice is not looked up",
    "work_orders.check_credit": "nor a credit that is posted",
    "work_orders.check_term": "nor a term that is refused",
    "work_orders.ask_customer": "the customer was seen over there a moment ago",
    "relations.take_sure": "nobody who was read elsewhere looks like anybody",
    "auth.logout": "it ends a session, and there is none to lead from",
    "account.confirm_now": "who has no second step gives the password once more",
}
LEADS_TO_IT = {"work_orders.create", "relations.create", "relations.fetch", "bulk.start", "bulk.together"}
FORMS: dict[str, dict[str, Any]] = {"settings.invite": {"email": "ander@elders.example", "role": "planner"}}


class Waiting(deeds.Tenant):
    """The tenant of the cast, with a finding that waits."""

    def finding(self) -> UUID:
        process("vos")
        with write_transaction() as session:
            row = session.scalars(select(ReconciliationFinding)).one()
            row.state, row.settled_at, row.how = Stand.OPEN, None, ""
            return row.id


@dataclass(frozen=True)
class Filled:
    """What a tenant's history holds: an order whose invoice was posted, and each time another one of which it was
    refused, and may be with another customer."""

    vos: SimpleNamespace
    sandbox: Sandbox
    posted_order: UUID

    @property
    def relation_id(self) -> UUID:
        found: UUID = self.vos.relation_id
        return found

    @property
    def refused_order(self) -> UUID:
        order_id = make_order(process("vos"), self.relation_id)
        no = {"operation": "AddFactuur", "kind": "refuse", "code": "CFACT042", "text": "Btw"}
        self.sandbox.mischief("demo", [no])
        assert press.approve(self.vos.deps, process("vos"), order_id).state == "refused"
        with write_transaction() as session:
            row = press.live_posting(session, order_id)
            assert row is not None
            row.code_moved_at = datetime.now(UTC)
            row.code_moved = note("posting.code_moved", code="1002", there="De Opvolger", name="Bakker")
        return order_id


def unused_location(vos: SimpleNamespace) -> UUID:
    """A work site that no order names."""
    process("vos")
    with write_transaction() as session:
        session.add(row := Location(relation_id=vos.relation_id, name="Schuur", address="Kade 3"))
        session.flush()
        return row.id


def grown(app: Flask, vos: SimpleNamespace, sandbox: Sandbox) -> Any:
    """The cast as tests/cost/deeds.py wants it."""
    process("vos")
    with write_transaction() as session:  # read in an administration of before
        for number in range(4):
            session.add(Relation(name=f"Van vroeger {number}", synced_at=database_now(session)))
    posted = make_order(process("vos"), vos.relation_id)
    assert press.approve(vos.deps, process("vos"), posted).state == "posted"
    return SimpleNamespace(app=app, place=vos, filled=Filled(vos, sandbox, posted))


@pytest.mark.timeout(600)  # it walks them all
def test_every_form_of_a_company_is_carried_out_once(app: Flask, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    place = grown(app, vos, sandbox)
    tenant, found = Waiting(place), []
    rules = {rule.endpoint: rule for rule in tenant_rules(app) if "POST" in (rule.methods or ())}
    assert rules.keys() - deeds.DEEDS.keys() - deeds.ELSEWHERE.keys() == set(), "tell it in tests/cost/deeds.py"
    client = client_for(app, "owner")
    client.get("/t/vos/help/")
    for endpoint, described in deeds.DEEDS.items():
        names = ids_of(vos) | {"order_id": place.filled.posted_order} | described.names(tenant)
        form = described.form(tenant) | FORMS.get(endpoint, {})
        if endpoint == "relations.remove_location":
            names["location_id"] = unused_location(vos)
        if endpoint == "settings.undo":  # after reading what is open
            process("vos")
            form["seen"] = leaving.listed(vos.deps, connection.present()).seen
        deed = deed_of(app, rules[endpoint])
        assert deed is not None
        sent = Sent(client, url(app, rules[endpoint], "vos", names), form)
        found += check(endpoint, deed, sent, described.refused)
    print(*found, sep="\n")
    assert found == []

"""What was typed in a form that met a shut door stands on the page that says so, for who sent it and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from models import Membership, Person, SupportVisit
from services.company import tenants
from services.support import access
from services.transaction import write_transaction
from tests.blueprints.test_every_form import FORMS, Waiting, grown
from tests.blueprints.test_every_form_lost import log_in, whose
from tests.blueprints.test_support_acting import ACT, STEP_IN
from tests.cost import deeds
from tests.isolation.test_every_route import every_row
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import EMAILS, process
from tests.support.client import HTMX, HouseClient, client_for, folded
from tests.support.sandbox_process import Sandbox
from web.lost_forms import _UNREAD

SAYS = "Dit is niet bewaard; dit had u getypt"
TYPED = {"name": "Bakkerij <b>Klaver</b>", "city": "Delft", "kind": "yes", "confirmed": "1"}
NEW = "/t/vos/relations/"


def copied(page: Any) -> str:
    """What stands on the page to be copied; empty when nothing does."""
    found = re.search(r'<textarea[^>]* id="typed"[^>]*>([^<]*)</textarea>', page.text)
    return found[1] if found else ""


@pytest.fixture
def visitor(app: Flask, vos: SimpleNamespace) -> HouseClient:
    """Support that acts for Vos."""
    access.save(vos.actor, True, access.last_day_allowed() - timedelta(days=6))
    tenants.leave()
    client = client_for(app, "support")
    assert client.post(STEP_IN, data=ACT).status_code == 303
    return client


def run_out(_client: Any) -> None:
    """Its time is over."""
    with write_transaction() as session:
        for visit in session.scalars(select(SupportVisit)):
            visit.started_at, visit.ends_at = (at - timedelta(hours=3) for at in (visit.started_at, visit.ends_at))


def stopped(client: HouseClient) -> None:
    """It was stopped in another tab."""
    assert client.post("/support/stop").status_code == 303


def taken_back(_client: HouseClient) -> None:
    """The customer took the consent back."""
    access.save(process("vos"), True, None)
    tenants.leave()


def looks_only(client: HouseClient) -> None:
    """Another visit began in another tab, that only looks."""
    wish = {"mode": "reading", "reason": "alleen nog even kijken"}
    assert client.post(STEP_IN, data=wish).status_code == 303


ENDED: list[Callable[[HouseClient], None]] = [run_out, stopped, taken_back, looks_only]


@pytest.mark.parametrize("how", ENDED)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_form_of_a_visit_that_ended_is_there_to_copy(
    visitor: HouseClient, how: Callable[[HouseClient], None], headers: dict[str, str]
) -> None:
    form = {**TYPED, "whose": whose(visitor, "/t/vos/relations/new")}
    how(visitor)
    page = visitor.post(NEW, data=form, headers=headers)
    assert page.status_code in {403, 404}
    assert SAYS in page.text
    assert copied(page).split("\n") == ["Bakkerij &lt;b&gt;Klaver&lt;/b&gt;", "Delft", "yes"]


def test_only_from_a_page_that_was_made_for_who_asks(app: Flask, visitor: HouseClient) -> None:
    run_out(visitor)
    for given in ("", "made up", whose(client_for(app, "owner"))):
        page = visitor.post(NEW, data={**TYPED, "whose": given})
        assert page.status_code == 403
        assert "Klaver" not in page.text


def test_also_when_the_login_was_gone_too(app: Flask, visitor: HouseClient) -> None:
    form = {**TYPED, "whose": whose(visitor, "/t/vos/relations/new")}
    browser = client_for(app, None)
    assert urlsplit(browser.post(NEW, data=form).location).path == "/login"
    page = browser.get(log_in(browser, "support").location)
    assert page.status_code == 404
    assert "Delft" in copied(page)


def test_a_right_that_was_lost_meanwhile_and_a_row_that_is_gone(app: Flask, vos: SimpleNamespace) -> None:
    client = client_for(app, "office")
    form = {"notes": "Sleutel bij de buren", "whose": whose(client)}
    gone = client.post(f"/t/vos/relations/{uuid4()}/notes", data=form)
    assert (gone.status_code, copied(gone)) == (404, "Sleutel bij de buren")
    with write_transaction() as session:
        person = session.scalars(select(Person.id).where(Person.email == EMAILS["office"])).one()
        session.scalars(select(Membership).where(Membership.person_id == person)).one().role = "reader"
    refused = client.post(f"/t/vos/relations/{vos.relation_id}/notes", data=form)
    assert (refused.status_code, copied(refused)) == (403, "Sleutel bij de buren")


def test_no_secret_and_no_id_is_shown_and_a_line_is_one_row(app: Flask, vos: SimpleNamespace) -> None:
    client = client_for(app, "worker")
    form = {"username": "vosbv", "code1": "geheim1", "code2": "geheim2", "whose": whose(client)}
    assert copied(client.post("/t/vos/settings/e-boekhouden", data=form)) == "vosbv"
    lines = {"lines-0-description": "Kraan", "lines-0-quantity": "3", "lines-1-description": "Buis"}
    ids = {"relation_id": str(vos.relation_id), "title": " ", "version": "4", "whose": form["whose"]}
    assert copied(client.post("/t/vos/work-orders/", data={**ids, **lines})) == "Kraan 3\nBuis"


@pytest.mark.timeout(600)  # it walks them all
def test_every_form_of_a_company_meets_a_visit_that_ended(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox, visitor: HouseClient
) -> None:
    place = grown(app, vos, sandbox)
    tenant, mine, found = Waiting(place), whose(visitor), []
    rules = {rule.endpoint: rule for rule in tenant_rules(app) if "POST" in (rule.methods or ())}
    filled = []
    for endpoint, described in deeds.DEEDS.items():
        names = ids_of(vos) | {"order_id": place.filled.posted_order} | described.names(tenant)
        form = described.form(tenant) | FORMS.get(endpoint, {}) | {"confirmed": "1", "whose": mine}
        filled.append((endpoint, url(app, rules[endpoint], "vos", names), form))
    run_out(visitor)
    before = every_row()
    for endpoint, address, form in filled:
        page = visitor.post(address, data=form)
        there = folded(copied(page))
        not_told = {"confirmed", "whose", "version", "seen", "code1", "code2", "csrf_token", "once"}
        for name, value in form.items():
            for one in map(str, value if isinstance(value, list) else [value]):
                if name not in not_told and one.strip() and not _UNREAD.fullmatch(one) and folded(one) not in there:
                    found.append(f"{endpoint}: {page.status_code}, {name} {one!r} is not in {there!r}")
    assert found == []
    assert {name: rows for name, rows in every_row().items() if name != "login_session"} == {
        name: rows for name, rows in before.items() if name != "login_session"
    }

"""Every form whose login is gone: after logging in it stands there as it was typed, done at the next press only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from lxml import html
from sqlalchemy import Engine, event, func, select

from models import KeptForm, Membership, Person
from services import kept_forms, purging, sealing
from services.link import connection, leaving
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_account import code_of, switch_on
from tests.blueprints.test_auth import csrf_of
from tests.blueprints.test_every_form import FORMS, Waiting, grown, unused_location
from tests.blueprints.test_every_form_outside import OUTSIDE
from tests.cost import deeds
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import EMAILS, PASSWORD, process
from tests.support.client import HTMX, HouseClient, client_for
from tests.support.sandbox_process import Sandbox

# What a login writes, and what keeps a form meanwhile.
BESIDE = {"login_session", "kept_form", "throttle"}
_WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE(?! SET)|DELETE FROM)\s+\"?(\w+)")
# Fields that are never kept.
SECRET = {"settings.save_connection": {"code1", "code2"}}


@contextmanager
def written() -> Iterator[set[str]]:
    """The tables that are written to, whatever writes."""
    tables: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        tables.update(_WRITES.findall(statement))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield tables
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def whose(client: HouseClient, page: str = "/account") -> str:
    """What a form of a page of theirs says of whom it was made for."""
    found = re.search(r'name="whose" value="([^"]+)"', client.get(page).text)
    assert found
    return found[1]


def logged_out(app: Flask) -> HouseClient:
    """The same browser, without its session."""
    return client_for(app, None)


def log_in(client: HouseClient, who: str) -> Any:
    """Log in by the page; the answer that leads on."""
    client.csrf = ""
    page = client.get("/login")
    return client.post("/login", data={"email": EMAILS[who], "password": PASSWORD, "csrf_token": csrf_of(page.text)})


def form_of(text: str, path: str) -> Any:
    """The form of this page that is sent to this path, or None."""
    forms = [form for form in html.fromstring(text).forms if form.method == "POST"]
    here = [form for form in forms if urlsplit(form.action or path).path == path]
    return here[0] if here else None


def lost(app: Flask, who: str, address: str, sent: dict[str, Any]) -> tuple[HouseClient, Any, set[str]]:
    """Who sends a form when their login is gone, the page they get once they are logged in again, and the tables that
    both wrote to."""
    browser, form = logged_out(app), {**sent, "whose": whose(client_for(app, who))}
    with written() as tables:
        first = browser.post(address, data=form)
    assert (first.status_code, urlsplit(first.location or "").path) == (303, "/login"), (address, first.status_code)
    answer = log_in(browser, who)
    assert answer.status_code == 303, answer.text
    with written() as more:
        page = browser.get(answer.location)
    return browser, page, tables | more


def typed(sent: dict[str, Any]) -> list[tuple[str, str]]:
    """What is filled in, field by field."""
    return [(name, str(one)) for name, value in sent.items() for one in (value if isinstance(value, list) else [value])]


def wrong(
    app: Flask, sandbox: Sandbox, endpoint: str, address: str, form: dict[str, Any], refused: bool, how: Any = lost
) -> list[str]:
    """What is wrong with a form of the owner whose login was gone, or that did not arrive `how`ever else."""
    before = len(sandbox.calls("demo"))
    browser, page, tables = how(app, "owner", address, form)
    told = f"{endpoint}: {page.status_code} {page.location or ''}"
    found = [f"{told}, wrote {sorted(tables - BESIDE)}"] if tables - BESIDE else []
    found += [f"{told}, called outside"] if len(sandbox.calls("demo")) != before else []
    ours = SECRET.get(endpoint, set()) | {"version", "seen"}  # secret, or of the page
    wanted = [pair for pair in typed(form) if pair[1] and pair[0] not in ours]
    if not wanted:
        return found + ([] if page.status_code in {200, 303} else [f"{told}, not led to a page"])
    shown = form_of(page.text, urlsplit(address).path)
    if shown is None:
        return [*found, f"{told}, has no form for it"]
    there = [(name, value.replace("\r\n", "\n").removeprefix("\n")) for name, value in shown.form_values()]
    found += [f"{told}, without {pair}" for pair in wanted if pair not in there]
    pressed = browser.post(address, data=_as_lists(there))
    if pressed.status_code not in ({422} if refused else {200, 204, 303}):
        found.append(f"{told}, pressed: {pressed.status_code}")
    return found


def _as_lists(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def walk(app: Flask, vos: SimpleNamespace, sandbox: Sandbox, endpoints: Collection[str], how: Any = lost) -> list[str]:
    """What is wrong with these forms of a company, of all that there are."""
    place = grown(app, vos, sandbox)
    tenant, found = Waiting(place), []
    rules = {rule.endpoint: rule for rule in tenant_rules(app) if "POST" in (rule.methods or ())}
    client_for(app, "owner").get("/t/vos/help/")
    for endpoint in endpoints:
        described = deeds.DEEDS[endpoint]
        names = ids_of(vos) | {"order_id": place.filled.posted_order} | described.names(tenant)
        form = described.form(tenant) | FORMS.get(endpoint, {})
        if endpoint == "relations.remove_location":
            names["location_id"] = unused_location(vos)
        if endpoint == "settings.undo":
            process("vos")
            form["seen"] = leaving.listed(vos.deps, connection.present()).seen
        address = url(app, rules[endpoint], "vos", names)
        found += wrong(app, sandbox, endpoint, address, form, described.refused, how)
    print(*found, sep="\n")
    return found


@pytest.mark.timeout(600)  # it walks them all
def test_every_form_of_a_company_survives_a_login_that_is_gone(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    assert walk(app, vos, sandbox, deeds.DEEDS) == []


def waiting() -> int:
    """How many forms are kept."""
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(KeptForm)) or 0


NOTES = {"notes": "Sleutel <b>bij</b> de buren"}


@pytest.fixture
def notes(vos: SimpleNamespace) -> str:
    """Where the notes about a customer are sent."""
    return f"/t/vos/relations/{vos.relation_id}/notes"


def test_it_is_shown_once_more_after_a_reload_and_after_an_hour_no_more(app: Flask, notes: str, leap: Any) -> None:
    browser = logged_out(app)
    browser.post(notes, data={**NOTES, "whose": whose(client_for(app, "owner"))})
    address = log_in(browser, "owner").location
    for _time in range(2):
        page = browser.get(address)
        assert page.status_code == 422
        assert "Sleutel &lt;b&gt;bij&lt;/b&gt; de buren" in page.text
        assert "U was intussen uitgelogd" in page.text
    leap(timedelta(hours=1, minutes=1))
    assert browser.get(address).status_code == 303
    purging.tidy_forms()
    assert waiting() == 0


def test_somebody_else_who_logs_in_sees_nothing_of_it(app: Flask, notes: str) -> None:
    browser = logged_out(app)
    browser.post(notes, data={**NOTES, "whose": whose(client_for(app, "owner"))})
    address = log_in(browser, "office").location
    assert "kept=" not in address
    assert "Sleutel" not in browser.get(address, follow_redirects=True).text


def test_the_address_alone_shows_nothing_in_another_browser(app: Flask, notes: str) -> None:
    browser = logged_out(app)
    browser.post(notes, data={**NOTES, "whose": whose(client_for(app, "owner"))})
    address = log_in(browser, "owner").location
    for who in ("owner", "office", "neighbour"):
        assert "Sleutel" not in client_for(app, who).get(address).text
    assert "Sleutel" not in logged_out(app).get(address, follow_redirects=True).text


def test_who_may_not_any_more_is_told_so_and_shown_nothing(app: Flask, vos: SimpleNamespace, notes: str) -> None:
    browser = logged_out(app)
    browser.post(notes, data={**NOTES, "whose": whose(client_for(app, "office"))})
    with write_transaction() as session:
        person = session.scalars(select(Person.id).where(Person.email == EMAILS["office"])).one()
        session.scalars(select(Membership).where(Membership.person_id == person)).one().role = "reader"
    page = browser.get(log_in(browser, "office").location)
    assert page.status_code == 403
    assert "Sleutel" not in page.text


FOREIGN = URLSafeTimedSerializer("not our key", salt="whose page").dumps("0" * 32)


@pytest.mark.parametrize("given", ["", "made up", FOREIGN], ids=["nothing", "made up", "of another key"])
def test_what_another_site_sends_is_not_kept(app: Flask, notes: str, given: str) -> None:
    answer = logged_out(app).post(notes, data={**NOTES, "whose": given})
    assert answer.status_code == 303
    assert waiting() == 0


def test_a_form_of_a_session_of_before_stands_there_at_once(app: Flask, notes: str) -> None:
    for headers in ({}, HTMX):
        browser = client_for(app, "owner")
        form = {**NOTES, "whose": whose(browser), "csrf_token": "of before"}
        browser.csrf = ""
        with written() as tables:
            page = browser.post(notes, data=form, headers=headers)
        assert page.status_code == 422
        assert "Sleutel &lt;b&gt;" in page.text
        assert tables <= {"login_session"}
        assert waiting() == 0


def test_a_form_of_somebody_else_in_this_browser_is_not_shown(app: Flask, notes: str) -> None:
    browser = client_for(app, "office")
    browser.csrf = ""
    page = browser.post(notes, data={**NOTES, "whose": whose(client_for(app, "owner"))})
    assert page.status_code == 400
    assert "Sleutel" not in page.text


def test_without_the_mark_that_it_is_lost_nothing_is_carried_out_either(app: Flask, notes: str) -> None:
    browser = client_for(app, "owner")
    browser.csrf = ""
    with written() as tables:
        page = browser.post(notes, data=NOTES)
    assert page.status_code == 400
    assert tables <= {"login_session"}


def test_htmx_is_led_to_the_login_page(app: Flask, notes: str) -> None:
    browser = logged_out(app)
    answer = browser.htmx_post(notes, data={**NOTES, "whose": whose(client_for(app, "owner"))})
    assert urlsplit(answer.headers["HX-Redirect"]).path == "/login"
    assert "Sleutel" in browser.get(log_in(browser, "owner").location).text


def test_it_waits_for_the_second_step(app: Flask, notes: str) -> None:
    client = client_for(app, "owner")
    secret, _codes = switch_on(client)
    browser = logged_out(app)
    browser.post(notes, data={**NOTES, "whose": whose(client)})
    asked = browser.get(log_in(browser, "owner").location)
    answer = browser.post("/login/code", data={"code": code_of(secret), "csrf_token": csrf_of(asked.text)})
    assert "Sleutel" in browser.get(answer.location).text


def test_two_forms_of_one_browser_are_shown_one_after_the_other(app: Flask, vos: SimpleNamespace, notes: str) -> None:
    browser, mine = logged_out(app), whose(client_for(app, "owner"))
    for address, form in ((notes, NOTES), ("/t/vos/articles/", {"description": "Rookmelder"})):
        browser.post(address, data={**form, "whose": mine})
    assert "Rookmelder" in browser.get(log_in(browser, "owner").location).text
    assert "Sleutel" in browser.get(browser.get("/").location).text


def test_secrets_are_not_kept_and_asked_anew(app: Flask, sandbox: Sandbox) -> None:
    form = {"old": PASSWORD, "password": "paarse olifant op een trap"}
    browser, page, _tables = lost(app, "owner", "/account/password", form)
    assert waiting() == 1
    row = db.session.scalars(select(KeptForm)).one()
    kept = sealing.unseal(browser.application.extensions["crafter"].settings.credentials_keys, row.sealed,
                          f"kept_form:{row.key}").reveal()  # fmt: skip
    assert "olifant" not in kept
    assert PASSWORD not in kept
    assert "olifant" not in page.text


def test_of_one_person_at_most_eight_are_kept(app: Flask, notes: str) -> None:
    mine = whose(client_for(app, "owner"))
    for number in range(kept_forms.MOST + 2):
        logged_out(app).post(notes, data={"notes": str(number), "whose": mine})
    assert waiting() == kept_forms.MOST


def test_logging_out_twice_leads_to_the_login_page(app: Flask) -> None:
    browser = client_for(app, "owner")
    for _time in range(2):
        answer = browser.post("/logout")
        assert (answer.status_code, urlsplit(answer.location).path) == (303, "/login")


def test_a_login_page_that_stood_open_keeps_the_address(app: Flask) -> None:
    browser = logged_out(app)
    opened = re.search(r'name="whose" value="([^"]+)"', browser.get("/login").text)
    assert opened
    later = logged_out(app)
    page = later.post("/login", data={"email": EMAILS["owner"], "password": PASSWORD, "whose": opened[1]})
    assert page.status_code == 422
    assert f'value="{EMAILS["owner"]}"' in page.text
    assert PASSWORD not in page.text
    assert later.get("/account").status_code == 303


@pytest.mark.parametrize("endpoint", sorted(OUTSIDE))
def test_a_form_outside_a_company_with_a_token_of_before_does_nothing_and_is_not_lost(
    app: Flask, endpoint: str
) -> None:
    sent = OUTSIDE[endpoint](app)
    known = sent.client.get("/account")
    page = known if known.status_code == 200 else sent.client.get("/login")
    mine = re.search(r'name="whose" value="([^"]+)"', page.text)
    assert mine
    sent.client.csrf = ""
    with written() as tables:
        answer = sent.client.post(sent.address, data={**sent.form, "whose": mine[1]})
    assert tables <= {"login_session"}
    assert answer.status_code in ({200, 422} if set(sent.form) - {"next", "language"} else {303}), answer.text
    for name, value in sent.form.items():
        if name == "owner_name":  # no field of ours
            continue
        secret = name in {"password", "old"}
        if name != "code" and answer.status_code != 303:
            assert (f'"{value}"' in answer.text or f">{value}" in answer.text.replace("\r\n", "")) is not secret, name

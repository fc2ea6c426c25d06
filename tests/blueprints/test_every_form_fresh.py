"""Every form whose door asks the password again: once that was given it stands there as it was typed, done at the next
press only."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from models import KeptForm, LoginSession
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_every_form import posts
from tests.blueprints.test_every_form_lost import form_of, log_in, walk, whose, written
from tests.blueprints.test_every_form_outside import OUTSIDE
from tests.cost import deeds
from tests.support.cast import PASSWORD
from tests.support.client import HTMX, HouseClient, client_for
from tests.support.sandbox_process import Sandbox

INVITE = "/t/vos/settings/team/invite"
NINA = {"email": "nina@vos.example", "role": "planner"}


def long_ago() -> None:
    """Whoever is logged in gave the password long ago."""
    with write_transaction() as session:
        for row in session.scalars(select(LoginSession)):
            row.data = re.sub(r'"fresh_at": \d+', '"fresh_at": 1', row.data)


def give_password(client: HouseClient, asked: str, **more: str) -> Any:
    """Give it on the page at this address; the answer that leads on."""
    client.csrf = ""
    form = dict(form_of(client.get(asked).text, "/account/confirm").form_values())
    return client.post("/account/confirm", data={**form, "password": PASSWORD, **more})


def asked_again(client: HouseClient, address: str, form: dict[str, Any], mine: str) -> tuple[Any, set[str]]:
    """Send a form when the password was given long ago, and give it: the page one gets, and the tables written to."""
    long_ago()
    with written() as tables:
        first = client.post(address, data={**form, "whose": mine})
    assert urlsplit(first.location or "").path == "/account/confirm", (address, first.status_code)
    answer = give_password(client, first.location)
    assert answer.status_code == 303, answer.text
    with written() as more:
        page = client.get(answer.location)
    return page, tables | more


def _as_owner(app: Flask, who: str, address: str, form: dict[str, Any]) -> tuple[HouseClient, Any, set[str]]:
    client = client_for(app, who)
    return client, *asked_again(client, address, form, whose(client))


def fresh_ones(app: Flask) -> set[str]:
    """The routes that take a form and ask the password again."""
    return {rule.endpoint for rule in posts(app) if getattr(app.view_functions[rule.endpoint], "fresh", False)}


@pytest.mark.timeout(600)  # it walks them all
def test_every_form_of_a_company_survives_the_password_that_is_asked_again(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    ours = [endpoint for endpoint in deeds.DEEDS if endpoint in fresh_ones(app)]
    assert "settings.invite" in ours
    assert walk(app, vos, sandbox, ours, _as_owner) == []


@pytest.mark.parametrize("endpoint", sorted(one for one in OUTSIDE if one.startswith("support.")))
def test_every_form_of_support_does_too(app: Flask, endpoint: str) -> None:
    if endpoint not in fresh_ones(app):
        pytest.skip("it asks no password")
    sent = OUTSIDE[endpoint](app)
    page, _tables = asked_again(sent.client, sent.address, sent.form, whose(sent.client))
    if not sent.form:
        assert page.status_code in {200, 303}, page.status_code
        return
    shown = form_of(page.text, sent.address)
    assert shown is not None, page.text
    there = dict(shown.form_values())
    ours = {name: value for name, value in sent.form.items() if name != "owner_name"}  # no field of the form
    assert there | ours == there
    assert sent.client.post(sent.address, data=there).status_code == 303


@pytest.fixture
def sent(app: Flask) -> SimpleNamespace:
    """An invitation that the owner sent when the password was given long ago."""
    client = client_for(app, "owner")
    form = {**NINA, "whose": whose(client)}
    long_ago()
    answer = client.post(INVITE, data=form)
    return SimpleNamespace(client=client, form=form, asked=answer.location)


def test_it_is_told_that_nobody_was_logged_out(sent: SimpleNamespace) -> None:
    asked = sent.client.get(sent.asked).text
    assert "wat u invulde staat daarna weer klaar" in asked
    text = sent.client.get(give_password(sent.client, sent.asked).location).text
    assert NINA["email"] in text
    assert "We vroegen eerst uw wachtwoord" in text
    assert "uitgelogd" not in text
    assert "kept=" not in sent.client.get("/").location  # it was shown


def test_a_wrong_password_shows_nothing_and_the_right_one_after_it_does(sent: SimpleNamespace) -> None:
    refused = give_password(sent.client, sent.asked, password="fout")
    assert refused.status_code == 422
    assert NINA["email"] not in refused.text
    again = dict(form_of(refused.text, "/account/confirm").form_values()) | {"password": PASSWORD}
    assert NINA["email"] in sent.client.get(sent.client.post("/account/confirm", data=again).location).text


def test_without_the_password_it_is_not_shown_and_not_asked_over_and_over(sent: SimpleNamespace) -> None:
    waits = parse_qs(urlsplit(sent.asked).query)["next"][0]
    assert "kept=" in waits
    once_more = sent.client.get(waits)
    assert urlsplit(once_more.location).path == "/account/confirm"
    assert parse_qs(urlsplit(once_more.location).query)["next"] == [waits]
    db.session.remove()
    assert len(db.session.scalars(select(KeptForm)).all()) == 1
    assert "kept=" not in sent.client.get("/").location  # who cancelled


def test_who_pressed_twice_on_the_password_finds_it_at_the_beginning(sent: SimpleNamespace) -> None:
    give_password(sent.client, sent.asked)  # its answer is not looked at
    assert NINA["email"] in sent.client.get(sent.client.get("/").location).text
    assert "kept=" not in sent.client.get("/").location  # and there it is shown once


def test_nobody_else_gets_it(app: Flask, sent: SimpleNamespace) -> None:
    for who in ("office", "neighbour", "owner"):
        other = client_for(app, who)
        waits = parse_qs(urlsplit(sent.asked).query)["next"][0]
        assert NINA["email"] not in other.get(waits, follow_redirects=True).text
        long_ago()
        answer = give_password(other, sent.asked)
        assert NINA["email"] not in other.get(answer.location).text
    sent.client.delete_cookie("crafter_session")
    assert "kept=" not in log_in(sent.client, "office").location


@pytest.mark.parametrize("given", ["", "made up"])
def test_what_another_page_made_is_not_kept(app: Flask, given: str) -> None:
    client = client_for(app, "owner")
    long_ago()
    assert urlsplit(client.post(INVITE, data={**NINA, "whose": given}).location).path == "/account/confirm"
    assert db.session.scalars(select(KeptForm)).all() == []


def test_secrets_are_not_kept(app: Flask, vos: SimpleNamespace) -> None:
    client = client_for(app, "owner")
    address, form = (
        "/t/vos/settings/e-boekhouden",
        {"username": "vosbv", "code1": "geheimpje", "code2": "nog een geheim"},
    )
    page, _tables = asked_again(client, address, form, whose(client))
    assert "vosbv" in page.text
    assert "geheim" not in page.text
    assert "Wachtwoorden en codes bewaren we niet" in page.text


def test_htmx_is_led_there_too(app: Flask) -> None:
    client = client_for(app, "owner")
    mine = whose(client)
    long_ago()
    answer = client.post(INVITE, data={**NINA, "whose": mine}, headers=HTMX)
    assert NINA["email"] in client.get(give_password(client, answer.headers["HX-Redirect"]).location).text

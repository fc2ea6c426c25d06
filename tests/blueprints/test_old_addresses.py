"""Addresses are English. The Dutch ones of before still lead there: mails that were sent keep working."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.old_addresses.views import OLD
from oversight import logs
from services.company import tenants
from tests.blueprints.test_auth import csrf_of
from tests.support.cast import EMAILS, PASSWORD

# Words of the addresses of before and of screens that a Dutch address would be made of. e-Boekhouden is a name, and a
# page of the help is called by its question.
DUTCH = re.compile(
    r"inlog|uitlog|welkom|wachtwoord|uitnodig|bevestig|sessies|tweede|stap|herstel|instel|uit$|andere|werkbon|factu"
    r"|relatie|artikel|medewerker|klant|koppeling|bedrijf|logboek|nummers|werklocatie|bewerk|nieuw|taal|prijs|over$"
)


def filled(rule: str) -> str:
    """An address of this rule."""
    return re.sub(r"<uuid:\w+>", str(uuid4()), rule).replace("<token>", "abc-123")


def on(client: FlaskClient, address: str, data: dict[str, str]) -> str:
    """Where a form leads that is sent on as a browser does: the same method and data once more."""
    sent_on = client.post(address, data=data)
    assert sent_on.status_code == 308
    return client.post(sent_on.location, data=data).location or ""


@pytest.mark.parametrize("old", OLD)
def test_an_old_address_leads_to_the_new_one_for_good(app: Flask, old: str) -> None:
    client, address = app.test_client(), filled(old)
    answer = client.get(f"{address}?next=/t/vos/&x=%C3%A9")
    assert answer.status_code == 301
    path, _sep, query = answer.location.partition("?")
    assert query == "next=/t/vos/&x=%C3%A9"
    assert not DUTCH.search(path)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == OLD[old]]
    assert [re.sub(r"<[^>]+>", "", rule.rule) for rule in rules] == [re.sub(r"abc-123|[0-9a-f-]{36}", "", path)]


@pytest.mark.parametrize("old", OLD)
def test_what_was_typed_on_an_open_page_goes_along(client_as: Callable[..., FlaskClient], old: str) -> None:
    answer = client_as("owner").post(filled(old))
    assert answer.status_code == 308
    assert answer.headers["Cache-Control"] == "no-store"  # it may hold a one-time link


def test_a_form_that_was_open_during_the_change_logs_in(
    client_as: Callable[..., FlaskClient], cast: SimpleNamespace
) -> None:
    client = client_as(None)
    data = {"csrf_token": csrf_of(client.get("/login").text), "email": EMAILS["owner"], "password": PASSWORD}
    assert on(client, "/inloggen", data) == "/"


def test_a_one_time_link_of_before_opens_its_page(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    with app.app_context():
        _tenant_id, token = tenants.create("nieuw", "Nieuw", "baas@nieuw.example")
    client = client_as(None)
    page = client.get(f"/welkom/{token}", follow_redirects=True)
    assert (page.request.path, "baas@nieuw.example" in page.text) == (f"/welcome/{token}", True)
    data = {"csrf_token": csrf_of(page.text), "password": "een lang en eigen wachtwoord"}
    assert on(client, f"/welkom/{token}", data) == "/"
    assert client.get("/").location == "/t/nieuw/"


def test_no_address_of_ours_is_dutch(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("old_addresses."):
            continue
        words = re.split(r"[/-]", re.sub(r"<[^>]+>", "", rule.rule))
        assert not any(DUTCH.search(word) for word in words), rule.rule


def test_no_one_time_link_of_before_or_now_comes_into_a_log(app: Flask) -> None:
    secret = "geheim" * 4
    rules = [rule.rule for rule in app.url_map.iter_rules() if "<token>" in rule.rule]
    assert len(rules) >= 6
    for rule in rules:
        line = logs.redact(None, "info", {"event": f"GET {rule.replace('<token>', secret)} HTTP/1.1"})
        assert secret not in str(line), rule

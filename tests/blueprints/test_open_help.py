"""The help for who is not logged in, and what it says of who runs the portal."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import create_app
from blueprints.help.topics import TOPICS
from settings import Operator, Settings
from tests.blueprints.test_help import HELP, Words
from tests.support.client import client_for

FILLED = Operator("hulp@bedrijf.example", "010 - 123 45 67", "Werkdagen van 9 tot 17 uur", "https://prijzen.example/")


def page_of(settings: Settings, operator: Operator, address: str) -> str:
    """A page of a portal that this operator runs, seen by a stranger."""
    app = create_app(replace(settings, operator=operator))
    with app.app_context():
        answer = app.test_client().get(address, follow_redirects=True)
        assert answer.status_code == 200
        return answer.text


def test_the_login_page_leads_a_stranger_to_help_and_back(client_as: Any) -> None:
    client = client_as(None)
    assert 'href="/help/"' in client.get("/", follow_redirects=True).text
    page = client.get("/help/").text
    assert 'href="/"' in page
    for question in ("Hoe activeer ik de koppeling?", "Ik heb ondersteuning nodig. Wie kan mij helpen?",
                     "Hoe zit het met mijn wachtwoord?"):  # fmt: skip
        assert question in page


def test_a_stranger_reads_every_topic_and_is_led_to_no_companys_page(client_as: Any) -> None:
    client = client_as(None)
    for topic in TOPICS:
        page = client.get(f"/help/{topic.slug}")
        assert page.status_code == 200, topic.slug
        assert "/t/" not in "".join(re.findall(r'href="([^"]*)"', page.text)), topic.slug
        assert Words(client.htmx_get(f"/help/{topic.slug}").text.strip()).open == [], topic.slug
    assert client.get("/help/bestaat-niet").status_code == 404


def test_a_stranger_searches_too(client_as: Any) -> None:
    found = client_as(None).htmx_get("/help/", query_string={"q": "wachtwoord vergeten"}).text
    assert "/help/wachtwoord" in found


def test_inside_a_company_help_stays_inside_and_leads_to_the_screens(client_as: Any) -> None:
    page = client_as("owner").get(HELP + "koppeling-activeren").text
    assert 'href="/help/' not in page
    assert 'href="/t/vos/settings/features"' in page


def test_what_is_filled_in_of_the_operator_stands_on_the_pages(settings: Settings) -> None:
    page = page_of(settings, FILLED, "/help/ondersteuning")
    for words in ("mailto:hulp@bedrijf.example", "tel:0101234567", "Werkdagen van 9 tot 17 uur"):
        assert words in page
    assert 'href="https://prijzen.example/"' in page_of(settings, FILLED, "/help/kosten")
    assert "hulp@bedrijf.example" in page_of(settings, FILLED, "/login")


@pytest.mark.parametrize("address", ["/help/ondersteuning", "/help/kosten", "/help/", "/login", "/welcome/onbekend"])
def test_what_is_not_filled_in_of_the_operator_is_left_out(settings: Settings, address: str) -> None:
    page = page_of(settings, Operator(), address)
    reached = set(re.findall(r'href="((?:mailto|tel):[^"]*)"', page))
    assert reached <= {"tel:+31886500200", "mailto:info@e-Boekhouden.nl"}  # the bookkeeping's own
    assert 'href=""' not in page
    assert "website van Crafter" not in page


def test_somebody_logged_in_outside_a_company_reads_it_too(app: Flask) -> None:
    page = client_for(app, "support").get("/help/").text
    assert "Naar uw bedrijf" in page

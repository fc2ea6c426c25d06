"""Logging in and out on the screen: what is kept, what is ended, what is said."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain.message import Refusal
from models import Membership, Person, Tenant
from services.company import tenants
from services.people import authentication
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import EMAILS, PASSWORD

LOGIN = "/login"


def csrf_of(text: str) -> str:
    """The first form's CSRF token on a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found
    return found.group(1)


def log_in(client: Any, **typed: str) -> Any:
    """Fill in the login page as a browser does."""
    return client.post(LOGIN, data={"csrf_token": csrf_of(client.get(LOGIN).text)} | typed)


def cookie(client: Any) -> str:
    """The session's cookie."""
    found = client.get_cookie("crafter_session")
    return found.value if found else ""


def test_the_right_password_leads_to_the_one_company_in_a_new_session(client_as: Any) -> None:
    client = client_as(None)
    client.get(LOGIN)
    before = cookie(client)
    answer = log_in(client, email=EMAILS["planner"], password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == "/t/vos/"
    assert client.get("/t/vos/").status_code == 200
    assert cookie(client) not in {"", before}


def test_a_wrong_password_keeps_the_address_and_never_shows_the_password(client_as: Any) -> None:
    answer = log_in(client_as(None), email=EMAILS["planner"], password="een gokje")
    assert answer.status_code == 422
    assert f'value="{EMAILS["planner"]}"' in answer.text
    assert "Deze combinatie" in answer.text
    assert "een gokje" not in answer.text


def test_after_five_failures_the_page_says_how_long_to_wait(client_as: Any) -> None:
    client = client_as(None)
    for _ in range(5):
        log_in(client, email=EMAILS["office"], password="mis")
    answer = log_in(client, email=EMAILS["office"], password=PASSWORD)
    assert answer.status_code == 422
    assert re.search(r"over \d+ seconden opnieuw", answer.text)


def test_the_page_asked_for_is_opened_after_logging_in_but_no_other_site(client_as: Any) -> None:
    client = client_as(None)
    asked = client.get("/t/vos/planning/?week=2026-W47").location
    assert 'name="next" value="/t/vos/planning/?week=2026-W47"' in client.get(asked).text
    right = log_in(client, email=EMAILS["planner"], password=PASSWORD, next="/t/vos/planning/?week=2026-W47")
    assert right.location == "/t/vos/planning/?week=2026-W47"
    for never in ("//kwaad.example/", "/logout", "/t/vos/nergens"):
        wrong = log_in(client_as(None), email=EMAILS["planner"], password=PASSWORD, next=never)
        assert wrong.location == "/", never


def test_a_demo_person_is_one_press_away_without_javascript(client_as: Any, app: Any) -> None:
    assert "demopersonen" not in client_as(None).get(LOGIN).text
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.email == EMAILS["worker"])).one().is_demo = True
    page = client_as(None).get(LOGIN).text
    form = page[page.index("demopersonen") :]
    assert f'name="email" value="{EMAILS["worker"]}"' in form
    assert 'name="password" value="werkbon-demo-2026"' in form
    assert '<form method="post" action="/login">' in form
    assert csrf_of(form)


def test_a_first_password_is_chosen_once(client_as: Any, app: Any) -> None:
    _tenant_id, token = tenants.create("nieuw", "Nieuw BV", "baas@nieuw.example")
    client, url = client_as(None), f"/welcome/{token}"
    page = client.get(url)
    assert "baas@nieuw.example" in page.text
    short = client.post(url, data={"csrf_token": csrf_of(page.text), "password": "kort"})
    assert (short.status_code, "minstens 12 tekens" in short.text) == (422, True)
    done = client.post(url, data={"csrf_token": csrf_of(short.text), "password": "twaalf tekens of meer"})
    assert done.status_code == 303
    assert client.get("/").location == "/t/nieuw/"
    assert "Deze link werkt niet meer" in client_as(None).get(url).text


def test_the_link_to_a_first_password_is_no_way_round_the_one_that_is_there(client_as: Any, app: Any) -> None:
    """Somebody who owns a company already is made owner of a second: the link made with it opens nothing."""
    _tenant_id, token = tenants.create("tweede", "Tweede BV", EMAILS["planner"])
    client, url = client_as(None), f"/welcome/{token}"
    page = client.get(url)
    assert "Deze link werkt niet meer" in page.text
    with pytest.raises(Refusal, match="al gebruikt of verlopen"):
        authentication.choose_password(token, "twaalf tekens of meer")
    assert log_in(client, email=EMAILS["planner"], password=PASSWORD).status_code == 303


def test_logging_out_ends_the_session_itself(client_as: Any) -> None:
    client = client_as("owner")
    old = cookie(client)
    answer = client.post("/logout")
    assert answer.location == LOGIN
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    thief = client_as(None)
    thief.set_cookie("crafter_session", old)
    assert thief.get("/t/vos/").location.startswith(LOGIN)


def test_somebody_of_two_companies_chooses_and_sees_no_others(client_as: Any, app: Any) -> None:
    tenants.leave()
    tenants.create("derde", "Derde BV", "derde@elders.example")
    tenants.leave()
    with write_transaction() as session:
        person = session.scalars(select(Person).where(Person.email == EMAILS["reader"])).one()
        third = session.scalars(select(Tenant).where(Tenant.slug == "derde")).one()
        session.add(Membership(tenant_id=third.id, person_id=person.id, role="planner"))
    page = client_as("reader").get("/").text
    assert 'href="/t/vos/"' in page
    assert 'href="/t/derde/"' in page
    assert "/t/buur/" not in page


def test_an_account_without_a_company_is_told_so(client_as: Any, app: Any) -> None:
    tenants.leave()
    with write_transaction() as session:
        person = db.session.scalars(select(Person).where(Person.email == EMAILS["reader"])).one()
        session.delete(session.scalars(select(Membership).where(Membership.person_id == person.id)).one())
        person.created_at = datetime.now(UTC)
    assert "U hoort nog bij geen bedrijf" in client_as("reader").get("/").text

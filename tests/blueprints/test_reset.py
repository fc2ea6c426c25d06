"""A forgotten password: one link, one hour, once; the same answer and the same work for who is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from flask import current_app
from sqlalchemy import event, select

from domain.message import Refusal
from models import LoginSession, Person, Token
from services.company import tenants
from services.people import reset, throttle
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_auth import csrf_of, log_in
from tests.support.cast import EMAILS, PASSWORD
from tests.support.letters import letters_to, link_to

ASK = "/forgotten-password"
NEW = "zeven stoelen rond een tafel"
START = datetime(2026, 11, 18, 12, tzinfo=UTC)


def ask(client: Any, email: str) -> Any:
    """Ask a link."""
    return client.post(ASK, data={"csrf_token": csrf_of(client.get(ASK).text), "email": email})


def choose(client: Any, link: str, password: str) -> Any:
    """Follow the link and type a password."""
    return client.post(link, data={"csrf_token": csrf_of(client.get(link).text), "password": password})


def test_a_new_password_by_mail_ends_every_session_and_logs_nobody_in(client_as: Any) -> None:
    thief = client_as("office")
    guest = client_as(None)
    assert ask(guest, EMAILS["office"].upper()).status_code == 200
    link = link_to(EMAILS["office"], "/new-password")
    done = choose(guest, link, NEW)
    assert (done.status_code, done.location) == (303, "/login")
    assert guest.get("/t/vos/").location.startswith("/login")
    assert thief.get("/t/vos/").location.startswith("/login")
    assert log_in(guest, email=EMAILS["office"], password=PASSWORD).status_code == 422
    assert log_in(guest, email=EMAILS["office"], password=NEW).status_code == 303
    assert letters_to(EMAILS["office"])[-1].subject == "Uw wachtwoord is veranderd"


def test_a_link_works_once_and_takes_the_others_with_it(client_as: Any) -> None:
    guest = client_as(None)
    ask(guest, EMAILS["office"])
    first = link_to(EMAILS["office"], "/new-password")
    ask(guest, EMAILS["office"])
    second = link_to(EMAILS["office"], "/new-password")
    assert choose(guest, second, NEW).status_code == 303
    for link in (first, second):
        assert "Deze link werkt niet meer" in guest.get(link).text
        with pytest.raises(Refusal, match="al gebruikt of verlopen"):
            reset.finish(current_app.extensions["crafter"], link.rpartition("/")[2], "nog een heel ander woord")


def test_a_link_is_dead_after_an_hour(client_as: Any) -> None:
    ask(client_as(None), EMAILS["office"])
    link = link_to(EMAILS["office"], "/new-password")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=59), tick=False):
        assert EMAILS["office"] in client_as(None).get(link).text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61), tick=False):
        assert "Deze link werkt niet meer" in client_as(None).get(link).text
        with pytest.raises(Refusal, match="al gebruikt of verlopen"):
            reset.finish(current_app.extensions["crafter"], link.rpartition("/")[2], NEW)


def test_the_table_holds_no_token_that_opens(client_as: Any) -> None:
    ask(client_as(None), EMAILS["office"])
    token = link_to(EMAILS["office"], "/new-password").rpartition("/")[2]
    assert token not in str([vars(row) for row in db.session.scalars(select(Token))])


def test_an_address_nobody_knows_gets_the_same_answer_and_no_mail(client_as: Any) -> None:
    def shown(email: str) -> str:
        text = ask(client_as(None), email).text.replace(email, "ADRES")
        return re.sub(r'value="[^"]+"|X-CSRFToken": "[^"]+"', "", text)

    assert shown("niemand@nergens.example") == shown(EMAILS["office"])
    assert letters_to("niemand@nergens.example") == []


@pytest.mark.parametrize("steps", [(0, 0), (1, 1), (0, 1), (1, 0)])
def test_asking_does_the_same_work_for_an_address_nobody_knows(
    app: Any, monkeypatch: pytest.MonkeyPatch, steps: tuple[int, int]
) -> None:
    """The same statements in the same order: a clock on a busy machine would say less. Whether the database's clock
    stands still or turns between two of its answers (`steps`: milliseconds for the known and the unknown) makes no
    difference either."""
    deps = app.extensions["crafter"]

    def statements(email: str, step: int) -> list[str]:
        tenants.leave()
        seen: list[str] = []
        moments = (START + timedelta(milliseconds=step * n) for n in count())
        monkeypatch.setattr(throttle, "database_now", lambda _session: next(moments))
        with listening(seen):
            reset.ask(deps, email, "10.0.0.1")
        return seen

    statements("eerst@nergens.example", 0)  # makes the row of the address's gate
    known, unknown = statements(EMAILS["office"], steps[0]), statements("niemand@nergens.example", steps[1])
    assert known == unknown
    assert any("INSERT INTO mail" in text for text in known)


@contextmanager
def listening(seen: list[str]) -> Iterator[None]:
    """Every statement the database is sent."""

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_asking_over_and_over_is_slowed_down_alike_for_known_and_unknown(client_as: Any) -> None:
    for email in (EMAILS["office"], "niemand@nergens.example"):
        guest = client_as(None)
        answers = [ask(guest, email) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [422]
        assert "seconden opnieuw" in answers[-1].text
    assert len(letters_to(EMAILS["office"])) == 5


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("kort", "minstens 12 tekens"),
        ("wachtwoord123!", "gebruiken veel mensen"),
        ("x" * 129, "hoogstens 128 tekens"),
        ("office@vos.example", "lijkt te veel op"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_keeps_working(client_as: Any, password: str, says: str) -> None:
    guest = client_as(None)
    ask(guest, EMAILS["office"])
    link = link_to(EMAILS["office"], "/new-password")
    answer = choose(guest, link, password)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{password}"' not in answer.text.split('name="password"')[-1]
    assert choose(guest, link, NEW).status_code == 303


def test_the_second_factor_is_still_asked_after_a_reset(client_as: Any) -> None:
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.email == EMAILS["office"])).one().totp_since = datetime.now(UTC)
    guest = client_as(None)
    ask(guest, EMAILS["office"])
    choose(guest, link_to(EMAILS["office"], "/new-password"), NEW)
    assert log_in(guest, email=EMAILS["office"], password=NEW).location == "/login/code"
    assert guest.get("/t/vos/").location.startswith("/login")
    assert db.session.scalars(select(LoginSession).where(LoginSession.person_id.is_not(None))).all() == []

"""The second step: what is half done ends with the password or the session it was begun in; codes open once."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from models import Person, RecoveryCode
from services.company import tenants
from services.people import account, passwords, reset, second_factor
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_account import NEW, STEP, code_of, second_step, switch_on
from tests.blueprints.test_auth import csrf_of, log_in
from tests.support.cast import EMAILS, PASSWORD
from tests.support.letters import link_to

WHO = EMAILS["planner"]


def planner() -> Person:
    """Their row."""
    tenants.leave()
    return db.session.scalars(select(Person).where(Person.email == WHO)).one()


def by_reset(app: Flask) -> None:
    """Another password by the link of a letter."""
    reset.ask(app.extensions["crafter"], WHO, "10.0.0.9")
    reset.finish(app.extensions["crafter"], link_to(WHO, "/new-password").rpartition("/")[2], NEW)


def by_hand(app: Flask) -> None:
    """Another password by who is in."""
    account.change_password(app.extensions["crafter"], planner().id, PASSWORD, NEW, "10.0.0.9", "")


@pytest.mark.parametrize("change", [by_reset, by_hand])
def test_a_login_half_way_ends_with_a_change_of_the_password(client_as: Any, app: Flask, change: Any) -> None:
    secret, codes = switch_on(client_as("planner"))
    thief = client_as(None)
    assert log_in(thief, email=WHO, password=PASSWORD).location == "/login/code"
    page = thief.get("/login/code").text
    change(app)
    tenants.leave()
    for code in (code_of(secret), codes[0]):
        answer = thief.post("/login/code", data={"csrf_token": csrf_of(page), "code": code})
        assert answer.location == "/login", answer.text
    assert thief.get("/t/vos/").location.startswith("/login")
    own = client_as(None)
    log_in(own, email=WHO, password=NEW)
    assert second_step(own, codes[0]).status_code == 303  # and no code was spent on it


def secret_on(client: Any) -> str:
    """Begin, and read the secret on the page."""
    client.post(f"{STEP}/begin")
    return str(client.get(f"{STEP}/set-up").text.split('class="text-break">')[1].split("<")[0]).replace(" ", "")


def test_every_beginning_makes_another_secret_and_the_one_before_confirms_nothing(client_as: Any) -> None:
    thief, own = client_as("planner"), client_as("planner")
    known = secret_on(thief)
    assert secret_on(own) != known
    assert "QR" not in thief.get(f"{STEP}/set-up").text
    assert thief.post(f"{STEP}/set-up", data={"code": code_of(known)}).status_code in {303, 422}
    assert planner().totp_since is None


def test_a_secret_that_waits_goes_with_the_session_the_password_and_after_ten_minutes(
    client_as: Any, app: Flask
) -> None:
    client = client_as("planner")
    known = secret_on(client)
    elsewhere = client_as("planner")
    assert elsewhere.get(f"{STEP}/set-up").location == STEP  # another session of the same person has not begun
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=9)):
        client.post("/account/confirm", data={"password": PASSWORD})
        assert client.get(f"{STEP}/set-up").status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        client.post("/account/confirm", data={"password": PASSWORD})
        assert client.get(f"{STEP}/set-up").location == STEP
        client.post(f"{STEP}/set-up", data={"code": code_of(known)})
    assert planner().totp_since is None
    secret_on(client_as("planner"))
    by_reset(app)
    assert planner().totp_sealed is None


def test_a_code_counts_in_its_own_half_minute_and_the_next_and_no_earlier(client_as: Any) -> None:
    secret, _codes = switch_on(client_as("planner"))
    at = datetime.now(UTC).replace(second=10, microsecond=0) + timedelta(minutes=10)
    with time_machine.travel(at, tick=False):
        answers = {}
        for steps in (1, -2, -1, 0):
            client = client_as(None)
            log_in(client, email=WHO, password=PASSWORD)
            answers[steps] = second_step(client, code_of(secret, steps)).status_code
    assert answers == {1: 422, -2: 422, -1: 303, 0: 303}


def test_recovery_codes_have_enough_bits_and_are_hashed_as_passwords_are(client_as: Any) -> None:
    _secret, codes = switch_on(client_as("planner"))
    unknown = len(codes[0].replace("-", "")) - 4  # the first four letters find the row
    assert unknown * math.log2(len(set(second_factor._LETTERS))) >= 112
    rows = db.session.scalars(select(RecoveryCode)).all()
    assert {row.start for row in rows} == {code[:4] for code in codes}
    for row in rows:
        assert row.key.startswith("$argon2id$")
        assert sum(passwords.matches(row.key, code.replace("-", "")) for code in codes) == 1


def test_a_recovery_code_of_before_opens_once_more(client_as: Any) -> None:
    secret, _codes = switch_on(client_as("planner"))
    person_id, old = planner().id, "abcd-efgh-jkmn-pqrs"
    key = hashlib.sha256(f"{person_id}|{old.replace('-', '')}".encode()).hexdigest()
    tenants.leave()
    with write_transaction() as session:
        session.add(RecoveryCode(person_id=person_id, key=key))
    for expected in (303, 422):
        client = client_as(None)
        log_in(client, email=WHO, password=PASSWORD)
        assert second_step(client, old).status_code == expected
    assert second_step(client, code_of(secret)).status_code == 303


def test_switching_it_on_or_off_logs_out_everywhere_else(client_as: Any) -> None:
    here, elsewhere = client_as("planner"), client_as("planner")
    switch_on(here)
    assert elsewhere.get("/account").location.startswith("/login")
    elsewhere = client_as("planner")
    assert here.post(f"{STEP}/off").location == STEP
    assert elsewhere.get("/account").location.startswith("/login")
    assert here.get("/account").status_code == 200

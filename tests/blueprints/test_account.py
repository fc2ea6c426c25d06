"""Mijn account: password, sessions, the second step; and how long a session lasts."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import create_app
from models import LoginSession, Person, RecoveryCode
from services.company import tenants
from services.people import login_sessions, second_factor
from services.transaction import write_transaction
from settings import Settings
from tenancy.database import db
from tests.blueprints.test_auth import cookie, csrf_of, log_in
from tests.support.cast import EMAILS, PASSWORD
from tests.support.client import client_for
from tests.support.letters import letters_to

ACCOUNT = "/account"
STEP = "/account/second-factor"
NEW = "zeven stoelen rond een tafel"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows, some steps from now."""
    return pyotp.TOTP(secret).at(int(time.time()) + steps * 30)


def switch_on(client: Any) -> tuple[str, list[str]]:
    """Set the second step up as a browser does: the secret, and the recovery codes."""
    client.post(f"{STEP}/begin")
    page = client.get(f"{STEP}/set-up").text
    secret = re.search(r'<code class="text-break">([A-Z2-7 ]+)</code>', page)
    assert secret
    plain = secret.group(1).replace(" ", "")
    with time_machine.travel(datetime.now(UTC), tick=False):  # the half minute before this one, until it is looked at
        done = client.post(f"{STEP}/set-up", data={"code": code_of(plain, -1)})
    assert done.status_code == 200, done.text
    return plain, re.findall(r"<code>([a-z0-9-]+)</code>", done.text)


def second_step(client: Any, code: str) -> Any:
    """Fill in the code page."""
    page = client.get("/login/code").text
    return client.post("/login/code", data={"csrf_token": csrf_of(page), "code": code})


def test_ones_password_is_changed_and_other_devices_are_logged_out(client_as: Any) -> None:
    here, elsewhere = client_as("planner"), client_as("planner")
    wrong = here.post(f"{ACCOUNT}/password", data={"old": "mis", "password": NEW})
    assert (wrong.status_code, "niet uw wachtwoord" in wrong.text) == (422, True)
    assert NEW not in wrong.text
    weak = here.post(f"{ACCOUNT}/password", data={"old": PASSWORD, "password": "Welkom2026!!!"})
    assert (weak.status_code, "gebruiken veel mensen" in weak.text) == (422, True)
    done = here.post(f"{ACCOUNT}/password", data={"old": PASSWORD, "password": NEW})
    assert done.location == ACCOUNT
    assert here.get(ACCOUNT).status_code == 200
    assert elsewhere.get(ACCOUNT).location.startswith("/login")
    assert log_in(client_as(None), email=EMAILS["planner"], password=NEW).status_code == 303
    assert letters_to(EMAILS["planner"])[-1].subject == "Uw wachtwoord is veranderd"


def test_my_sessions_show_their_device_and_can_be_ended_one_by_one(client_as: Any, app: Flask) -> None:
    phone = client_as(None)
    page = phone.get("/login", headers={"User-Agent": PHONE}).text
    data = {"csrf_token": csrf_of(page), "email": EMAILS["planner"], "password": PASSWORD}
    phone.post("/login", data=data, headers={"User-Agent": PHONE})
    here = client_as("planner")
    text = here.get(ACCOUNT).text
    assert "Safari op iPhone" in text
    assert "127.0.0.1" in text
    assert text.count("dit apparaat") == 1
    (end,) = re.findall(r'action="(/account/sessions/[\w-]+/end)"', text)
    assert client_as("office").post(end).status_code == 404  # somebody else's session
    assert phone.get("/t/vos/").status_code == 200
    assert here.post(end).status_code == 303
    assert phone.get("/t/vos/").location.startswith("/login")
    assert here.get("/t/vos/").status_code == 200


def test_all_other_sessions_end_at_once_and_nobody_elses(client_as: Any) -> None:
    here, other, stranger = client_as("planner"), client_as("planner"), client_as("office")
    here.post(f"{ACCOUNT}/sessions/end-others")
    assert other.get("/t/vos/").location.startswith("/login")
    assert here.get("/t/vos/").status_code == 200
    assert stranger.get("/t/vos/").status_code == 200


def test_ending_sessions_asks_the_password_again(client_as: Any) -> None:
    here, other = client_as("planner"), client_as("planner")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert here.post(f"{ACCOUNT}/sessions/end-others").location.startswith("/account/confirm")
    assert other.get("/t/vos/").status_code == 200


def test_a_session_ends_after_eight_idle_hours_and_after_seven_days_whatever_it_does(client_as: Any) -> None:
    idle, busy, began = client_as("planner"), client_as("planner"), datetime.now(UTC)
    for hours in range(7, 7 * 24, 7):
        with time_machine.travel(began + timedelta(hours=hours), tick=False):
            assert busy.get("/t/vos/").status_code == 200, hours
    with time_machine.travel(began + timedelta(hours=8, minutes=1), tick=False):
        assert idle.get("/t/vos/").location.startswith("/login")
    with time_machine.travel(began + timedelta(days=7, minutes=1), tick=False):
        assert busy.get("/t/vos/").location.startswith("/login")


def test_confirming_gives_another_cookie_but_no_longer_life(client_as: Any) -> None:
    client = client_as("planner")
    with write_transaction() as session:
        session.scalars(select(LoginSession)).one().created_at -= timedelta(days=6)
    before, since = cookie(client), db.session.scalars(select(LoginSession.created_at)).one()
    tenants.leave()
    answer = client.post("/account/confirm", data={"password": PASSWORD, "next": "//kwaad.example/"})
    assert answer.location == "/"
    assert cookie(client) != before
    assert db.session.scalars(select(LoginSession.created_at)).all() == [since]
    assert login_sessions.read(before, Settings.times) is None


@pytest.mark.parametrize(
    "target", ["https://kwaad.example/", "//kwaad.example", "/\\kwaad.example", "/\t/kwaad.example"]
)
def test_confirming_leads_to_no_other_site(client_as: Any, target: str) -> None:
    client = client_as("planner")
    assert "kwaad" not in client.get("/account/confirm", query_string={"next": target}).text
    assert client.post("/account/confirm", data={"password": PASSWORD, "next": target}).location == "/"


def test_a_wrong_password_when_confirming_counts_and_asks_to_wait(client_as: Any) -> None:
    client = client_as("planner")
    for _ in range(5):
        assert "niet uw wachtwoord" in client.post("/account/confirm", data={"password": "mis"}).text
    assert "Te veel mislukte pogingen" in client.post("/account/confirm", data={"password": PASSWORD}).text


def test_logging_in_takes_two_steps_once_the_second_is_set_up(client_as: Any) -> None:
    secret, codes = switch_on(client_as("planner"))
    assert len(set(codes)) == 10
    guest = client_as(None)
    assert log_in(guest, email=EMAILS["planner"], password="mis").status_code == 422
    halfway = log_in(guest, email=EMAILS["planner"], password=PASSWORD, next="/t/vos/planning/")
    assert halfway.location == "/login/code"
    assert guest.get("/t/vos/").location.startswith("/login")  # half way is not in
    assert second_step(guest, "000000").status_code == 422
    done = second_step(guest, code_of(secret))
    assert done.location == "/t/vos/planning/"
    assert guest.get("/t/vos/planning/").status_code == 200


def test_a_phone_shows_its_digits_for_the_code_and_letters_for_a_recovery_code(client_as: Any) -> None:
    client, guest = client_as("planner"), client_as(None)
    switch_on(client)
    log_in(guest, email=EMAILS["planner"], password=PASSWORD)
    for one, page in ((guest, "/login/code"), (client, "/account/confirm")):
        digits = one.get(page).text
        field = digits[digits.index('id="code"') - 200 : digits.index('id="code"') + 300]
        assert 'inputmode="numeric"' in field, page
        assert "paper=1" in digits
        letters = one.get(f"{page}?paper=1").text
        assert 'inputmode="numeric"' not in letters
        assert 'id="code"' in letters


def test_a_code_opens_once_and_an_earlier_one_not_after_it(client_as: Any) -> None:
    secret, _codes = switch_on(client_as("planner"))
    used = code_of(secret)
    first, second = client_as(None), client_as(None)
    for client in (first, second):
        log_in(client, email=EMAILS["planner"], password=PASSWORD)
    assert second_step(first, used).status_code == 303
    assert second_step(second, used).status_code == 422
    assert second_step(second, code_of(secret, -1)).status_code == 422


def test_a_recovery_code_opens_once_and_says_so_by_mail(client_as: Any) -> None:
    _secret, codes = switch_on(client_as("planner"))
    guest = client_as(None)
    log_in(guest, email=EMAILS["planner"], password=PASSWORD)
    assert second_step(guest, codes[3].upper().replace("-", " ")).status_code == 303
    assert "U hebt er nog 9" in letters_to(EMAILS["planner"])[-1].text
    again = client_as(None)
    log_in(again, email=EMAILS["planner"], password=PASSWORD)
    assert second_step(again, codes[3]).status_code == 422
    assert codes[0] not in str([vars(row) for row in db.session.scalars(select(RecoveryCode))])


def test_the_second_step_is_slowed_down_too_and_runs_out_after_five_minutes(client_as: Any) -> None:
    secret, _codes = switch_on(client_as("planner"))
    guest = client_as(None)
    log_in(guest, email=EMAILS["planner"], password=PASSWORD)
    for _ in range(5):
        second_step(guest, "000000")
    assert "Te veel mislukte pogingen" in second_step(guest, code_of(secret)).text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        assert guest.get("/login/code").location == "/login"


def test_the_secret_is_sealed_to_its_person(client_as: Any, app: Flask) -> None:
    secret, _codes = switch_on(client_as("planner"))
    tenants.leave()
    planner = db.session.scalars(select(Person).where(Person.email == EMAILS["planner"])).one()
    assert secret not in (planner.totp_sealed or "")
    sealed = planner.totp_sealed
    with write_transaction() as session:
        other = session.scalars(select(Person).where(Person.email == EMAILS["reader"])).one()
        other.totp_sealed, other.totp_begun_at = sealed, datetime.now(UTC)
    assert (
        second_factor.pending(app.extensions["crafter"], other.id, second_factor._mark(other)) is None
    )  # it does not open for anybody else


def test_confirming_asks_the_code_as_well(client_as: Any) -> None:
    client = client_as("planner")
    secret, _codes = switch_on(client)
    assert client.post("/account/confirm", data={"password": PASSWORD, "code": "000000"}).status_code == 422
    assert client.post("/account/confirm", data={"password": PASSWORD, "code": code_of(secret)}).status_code == 303


def test_switching_off_and_new_codes_ask_the_password_again(client_as: Any) -> None:
    client = client_as("planner")
    _secret, codes = switch_on(client)
    renewed = re.findall(r"<code>([a-z0-9-]+)</code>", client.post(f"{STEP}/recovery-codes").text)
    assert len(renewed) == 10
    assert not set(renewed) & set(codes)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        for deed in ("recovery-codes", "off", "begin"):
            assert client.post(f"{STEP}/{deed}").location.startswith("/account/confirm"), deed
    assert client.post(f"{STEP}/off").location == STEP
    assert log_in(client_as(None), email=EMAILS["planner"], password=PASSWORD).location == "/"


@pytest.mark.parametrize("who", ["owner", "support"])
def test_production_leads_owners_and_support_to_the_second_step_and_nowhere_else(
    app: Flask, settings: Settings, who: str
) -> None:
    production = create_app(replace(settings, env="production", base_url="https://crafter.example"))
    token = cookie(client_for(app, who))
    client = production.test_client()
    client.set_cookie("__Host-crafter", token, domain="crafter.example", secure=True)

    def get(path: str) -> Any:
        tenants.leave()
        return client.get(path, base_url="https://crafter.example")

    own = ("/t/vos/", "/t/vos/settings/company") if who == "owner" else ("/support/",)
    for path in ("/", "/account", "/account/password", *own):
        assert get(path).location == STEP, path
    assert get(STEP).status_code == 200
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.email == EMAILS[who])).one().totp_since = datetime.now(UTC)
    assert get("/account").status_code == 200
    production.extensions["crafter"].bookkeeping.close()


def test_https_binds_the_cookie_to_the_host_and_loopback_has_a_plain_one(settings: Settings, app: Flask) -> None:
    def cookie_line(env: str, base: str) -> str:
        made = create_app(replace(settings, env=env, base_url=base))
        try:
            return made.test_client().get("/login", base_url=base).headers["Set-Cookie"]
        finally:
            made.extensions["crafter"].bookkeeping.close()

    for env in ("production", "demo"):
        line = cookie_line(env, "https://crafter.example")
        assert line.startswith("__Host-crafter=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
        assert "Domain" not in line
    assert cookie_line("demo", "http://127.0.0.1:8000").startswith("crafter_session=")

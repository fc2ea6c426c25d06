"""Nobody is shut out by a stranger: what somebody else can fill counts for nobody who is in, or was here before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import create_app
from services.company import tenants
from services.people import known_devices, reset
from settings import Settings
from tests.blueprints.test_account import NEW, code_of, second_step, switch_on
from tests.blueprints.test_auth import csrf_of, log_in
from tests.support.cast import EMAILS, PASSWORD
from tests.support.letters import letters_to

MANY = "Te veel mislukte pogingen"
WHO = EMAILS["planner"]


def come_in(client: Any) -> Any:
    """Log in as a browser does, and have what its later forms carry."""
    answer = log_in(client, email=WHO, password=PASSWORD)
    client.csrf = csrf_of(client.get("/account").text)
    return answer


def go_out(client: Any) -> None:
    """Log out."""
    assert client.post("/logout").location == "/login"
    client.csrf = ""


def besiege(client_as: Any, address: str = "203.0.113.9", times: int = 6) -> None:
    """Somebody elsewhere guesses until the account asks to wait."""
    stranger = client_as(None)
    stranger.environ_base["REMOTE_ADDR"] = address
    answers = [log_in(stranger, email=WHO, password="een gokje").text for _ in range(times)]
    assert MANY in answers[-1]


def test_a_device_that_logged_in_before_logs_in_while_a_stranger_keeps_the_account_shut(client_as: Any) -> None:
    mine, new = client_as(None), client_as(None)
    assert come_in(mine).status_code == 303
    go_out(mine)
    besiege(client_as)
    assert MANY in log_in(new, email=WHO, password=PASSWORD).text  # and so it stays shut for the stranger
    assert log_in(mine, email=f" {WHO.upper()} ", password=PASSWORD).status_code == 303


def test_a_known_device_has_a_counter_of_its_own_and_is_asked_to_wait_too(client_as: Any) -> None:
    mine = client_as(None)
    come_in(mine)
    go_out(mine)
    for _ in range(5):
        assert MANY not in log_in(mine, email=WHO, password="een gokje").text
    assert MANY in log_in(mine, email=WHO, password=PASSWORD).text


def test_a_device_is_known_for_its_own_person_only(client_as: Any) -> None:
    attacker = client_as(None)
    log_in(attacker, email=EMAILS["neighbour"], password=PASSWORD)
    attacker.csrf = csrf_of(attacker.get("/account").text)
    (cookie,) = [one for one in attacker._cookies.values() if one.key.startswith("crafter-known-")]
    go_out(attacker)
    attacker.set_cookie(f"crafter-known-{known_devices.name(WHO)}", cookie.value)
    besiege(client_as)
    assert MANY in log_in(attacker, email=WHO, password=PASSWORD).text


@pytest.mark.parametrize("given", ["", "onzin", "WyJ4IiwieSJd.aaaa.bbbb"])
def test_what_we_did_not_sign_is_no_known_device(given: str) -> None:
    assert known_devices.gate("een sleutel", given, WHO) is None
    assert known_devices.gate("een andere", known_devices.make("een sleutel", WHO), WHO) is None
    assert known_devices.gate("een sleutel", known_devices.make("een sleutel", WHO), WHO) is not None


def test_who_is_logged_in_confirms_and_changes_the_password_under_attack(client_as: Any) -> None:
    inside = client_as("planner")
    besiege(client_as, "127.0.0.1", 30)  # of the very same address
    assert inside.post("/account/confirm", data={"password": PASSWORD}).status_code == 303
    assert inside.post("/account/password", data={"old": PASSWORD, "password": NEW}).location == "/account"


def test_who_knows_the_password_and_guesses_codes_shuts_nobody_out_who_was_here_before(client_as: Any) -> None:
    mine = client_as(None)
    come_in(mine)
    secret, codes = switch_on(mine)
    thief = client_as(None)
    thief.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    log_in(thief, email=WHO, password=PASSWORD)
    for _ in range(5):
        second_step(thief, "000000")
    assert MANY in second_step(thief, code_of(secret)).text
    inside = {"password": PASSWORD, "code": codes[0]}
    assert mine.post("/account/confirm", data=inside).status_code == 303
    mine.csrf = csrf_of(mine.get("/account").text)
    go_out(mine)
    log_in(mine, email=WHO, password=PASSWORD)
    assert second_step(mine, code_of(secret)).status_code == 303


def test_strangers_who_ask_for_a_reset_do_not_keep_the_person_from_asking(client_as: Any) -> None:
    def ask(address: str) -> Any:
        client = client_as(None)
        client.environ_base["REMOTE_ADDR"] = address
        page = client.get("/forgotten-password").text
        return client.post("/forgotten-password", data={"csrf_token": csrf_of(page), "email": WHO})

    for _ in range(6):
        stranger = ask("203.0.113.9")
    assert (stranger.status_code, MANY in stranger.text) == (422, True)
    before = len(letters_to(WHO))
    assert ask("198.51.100.7").status_code == 200
    assert len(letters_to(WHO)) == before + 1


def test_many_strangers_who_ask_fill_no_mailbox_and_the_links_that_went_still_work(client_as: Any, app: Flask) -> None:
    deps = app.extensions["crafter"]
    for number in range(reset.MOST + 5):
        reset.ask(deps, WHO, f"198.51.100.{number}")
    letters = letters_to(WHO)
    assert len(letters) == reset.MOST
    link = re.search(r"(/new-password/\S+)", letters[-1].text)
    assert link
    assert 'name="password"' in client_as(None).get(link[1]).text


def test_over_https_a_known_device_is_bound_to_the_host(settings: Settings, app: Flask) -> None:
    base = "https://crafter.example"
    made = create_app(replace(settings, base_url=base))
    try:
        client = made.test_client()
        page = client.get("/login", base_url=base).text
        tenants.leave()
        typed = {"csrf_token": csrf_of(page), "email": WHO, "password": PASSWORD}
        answer = client.post("/login", data=typed, base_url=base, headers={"Referer": f"{base}/login"})
    finally:
        made.extensions["crafter"].bookkeeping.close()
    (line,) = [one for one in answer.headers.getlist("Set-Cookie") if "known" in one]
    assert line.startswith("__Host-crafter-known-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
    assert "Domain" not in line
    assert WHO not in line

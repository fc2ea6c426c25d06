"""Every form outside a company, sent twice: it is carried out once, and one that is refused not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from models import Person, Token
from services.company import tenants
from services.people.authentication import token_key
from services.transaction import write_transaction
from tenancy.clock import database_now
from tests.blueprints.test_account import code_of, switch_on
from tests.blueprints.test_auth import csrf_of
from tests.blueprints.test_every_form import Sent, check, deed_of, posts
from tests.support.cast import EMAILS, PASSWORD
from tests.support.client import HouseClient, client_for
from tests.support.letters import link_to

LONG = "paarse olifant op een trap"


def first_link() -> str:
    """A link with which somebody without a password chooses the first one."""
    tenants.leave()
    with write_transaction() as session:
        now = database_now(session)
        session.add(person := Person(email="ina@nieuw.example", name="Ina", created_at=now))
        session.flush()
        session.add(Token(key=token_key("first"), purpose="first_login", person_id=person.id, created_at=now,
                          expires_at=now + timedelta(days=1)))  # fmt: skip
    return "/welcome/first"


def asked_owner(app: Flask) -> Sent:
    """Support at a company whose first owner did not follow the link yet."""
    client = client_for(app, "support")
    client.post("/support/new", data=NEW)
    return Sent(client, "/support/nieuw/owner", {})


def guest_of(app: Flask, page: str) -> HouseClient:
    """Somebody who is not logged in, on a page with a form."""
    guest = client_for(app, None)
    guest.csrf = csrf_of(guest.get(page).text)
    return guest


def half_way(app: Flask) -> Sent:
    """Somebody with a second step who gave the right password."""
    secret, _codes = switch_on(client_for(app, "office"))
    guest = guest_of(app, "/login")
    guest.post("/login", data={"email": EMAILS["office"], "password": PASSWORD})
    guest.csrf = csrf_of(guest.get("/login/code").text)
    return Sent(guest, "/login/code", {"code": code_of(secret)})


def reset_link(app: Flask) -> Sent:
    """Somebody who forgot the password and got the mail."""
    guest = guest_of(app, "/forgotten-password")
    guest.post("/forgotten-password", data={"email": EMAILS["reader"]})
    return Sent(guest, link_to(EMAILS["reader"], "/new-password"), {"password": LONG})


def begun(app: Flask) -> Sent:
    """Somebody who sets up a second step and reads the code off the phone."""
    client = client_for(app, "planner")
    client.post("/account/second-factor/begin")
    found = re.search(r'<code class="text-break">([A-Z2-7 ]+)</code>', client.get("/account/second-factor/set-up").text)
    assert found
    return Sent(client, "/account/second-factor/set-up", {"code": code_of(found[1].replace(" ", ""))})


def with_second_step(app: Flask, address: str) -> Sent:
    """Somebody who has one."""
    client = client_for(app, "owner")
    switch_on(client)
    return Sent(client, f"/account/second-factor/{address}", {})


def another_session(app: Flask) -> Sent:
    """Somebody with another session to end."""
    client, _phone = client_for(app, "owner"), client_for(app, "owner")
    (address,) = re.findall(r'action="(/account/sessions/[\w-]+/end)"', client.get("/account").text)
    return Sent(client, address, {})


def invited(app: Flask) -> Sent:
    """Somebody new with an invitation."""
    guest = guest_of(app, "/invitation/invited-vos")
    return Sent(guest, "/invitation/invited-vos", {"name": "Nina", "password": LONG})


def visiting(app: Flask) -> Sent:
    """Support in a company."""
    client = client_for(app, "support")
    client.post("/support/vos/step-in", data=STEP_IN)
    return Sent(client, "/support/stop", {})


def suspended(app: Flask) -> Sent:
    """Support at a company that it suspended."""
    client = client_for(app, "support")
    client.post("/support/vos/suspend", data={"reason": "rekening niet betaald"})
    return Sent(client, "/support/vos/resume", {})


def simply(who: str, address: str, **form: str) -> Callable[[Flask], Sent]:
    """Somebody who is logged in."""
    return lambda app: Sent(client_for(app, who), address, form)


def asking(page: str, **form: str) -> Callable[[Flask], Sent]:
    """Somebody who is not."""
    return lambda app: Sent(guest_of(app, page), page, form)


STEP_IN = {"mode": "reading", "reason": "de klant belt over een factuur"}
NEW = {"name": "Nieuw BV", "slug": "nieuw", "owner_name": "Ina", "owner_email": "ina@nieuw.example", "language": "nl"}
# Every form outside a company: who sends it, and what.
OUTSIDE: dict[str, Callable[[Flask], Sent]] = {
    "account.choose_language": simply("owner", "/language", language="en", next="/account"),
    "account.begin_second_factor": simply("owner", "/account/second-factor/begin"),
    "account.confirm_second_factor": begun,
    "account.renew_recovery_codes": lambda app: with_second_step(app, "recovery-codes"),
    "account.switch_off_second_factor": lambda app: with_second_step(app, "off"),
    "account.change_password": simply("owner", "/account/password", old=PASSWORD, password=LONG),
    "account.end_session": another_session,
    "account.end_other_sessions": simply("owner", "/account/sessions/end-others"),
    "account.confirm_now": simply("owner", "/account/confirm", password=PASSWORD),
    "auth.join": invited,
    "auth.ask_reset": asking("/forgotten-password", email=EMAILS["office"]),
    "auth.set_password": reset_link,
    "auth.check_code": half_way,
    "auth.log_in": asking("/login", email=EMAILS["office"], password=PASSWORD),
    "auth.choose_password": lambda app: Sent(guest_of(app, link := first_link()), link, {"password": LONG}),
    "auth.logout": simply("owner", "/logout"),
    "support.create": simply("support", "/support/new", **NEW),
    "support.ask_owner": asked_owner,
    "support.suspend": simply("support", "/support/vos/suspend", reason="rekening niet betaald"),
    "support.resume": suspended,
    "support.step_in": simply("support", "/support/vos/step-in", **STEP_IN),
    "support.stop": visiting,
}


def test_every_form_outside_a_company_is_described(app: Flask) -> None:
    assert {rule.endpoint for rule in posts(app) if "tenant_slug" not in rule.arguments} == set(OUTSIDE)


def wrong_with(app: Flask, endpoint: str, sent: Sent, refused: bool) -> list[str]:
    """What is wrong with a form of this route that was sent twice."""
    (rule,) = (rule for rule in posts(app) if rule.endpoint == endpoint)
    deed = deed_of(app, rule)
    assert deed is not None
    return check(endpoint, deed, sent, refused)


@pytest.mark.parametrize("endpoint", sorted(OUTSIDE))
def test_a_form_outside_a_company_is_carried_out_once(app: Flask, endpoint: str) -> None:
    assert wrong_with(app, endpoint, OUTSIDE[endpoint](app), refused=False) == []


def with_code(app: Flask, address: str, **form: str) -> Sent:
    """Somebody with a second step, and a code that is not of it."""
    client = client_for(app, "owner")
    switch_on(client)
    return Sent(client, address, {"code": "no code", **form})


# Forms that are refused after something was written on the way: they were not carried out.
REFUSED: dict[str, Callable[[Flask], Sent]] = {
    "account.confirm_now": lambda app: with_code(app, "/account/confirm", password=PASSWORD),
    "account.change_password": simply("owner", "/account/password", old=PASSWORD, password="kort"),
    "auth.check_code": lambda app: half_way(app)._replace(form={"code": "no code"}),
    "support.step_in": lambda app: visiting(app)._replace(address="/support/vos/step-in", form=STEP_IN),
}


@pytest.mark.parametrize("endpoint", sorted(REFUSED))
def test_a_form_that_is_refused_half_way_was_not_carried_out(app: Flask, endpoint: str) -> None:
    assert wrong_with(app, endpoint, REFUSED[endpoint](app), refused=True) == []

"""Invitations end with who sent them, carry no text of strangers, and are so many and no more."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from domain.message import Refusal
from domain.permissions import OWNER, READER
from models import Mail, Membership, Person, Token
from services.company import tenants
from services.people import invitations, team
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_auth import csrf_of
from tests.blueprints.test_team import LONG, NEW, TEAM, events, invite, person_id, role_of
from tests.support.cast import EMAILS, process
from tests.support.client import folded
from tests.support.letters import letters_to, link_to


@pytest.fixture
def second_owner(app: Flask) -> Any:
    """The planner of Vos, as an owner too."""
    owner_id = person_id(EMAILS["planner"])
    team.change_role(process("vos"), owner_id, OWNER)
    tenants.leave()
    return owner_id


def follow(client_as: Any, link: str) -> Any:
    """Try to join as somebody new."""
    guest = client_as(None)
    page = guest.get(link).text
    return guest.post(link, data={"csrf_token": csrf_of(page), "name": "Nina", "password": LONG})


@pytest.mark.parametrize("leaving", ["removed", "demoted"])
def test_an_invitation_ends_with_who_sent_it(client_as: Any, second_owner: Any, leaving: str) -> None:
    invite(client_as("planner"), NEW, OWNER)
    invite(client_as("owner"), "ander@elders.example")
    link, other = link_to(NEW, "/invitation"), link_to("ander@elders.example", "/invitation")
    assert "door " in folded(client_as("owner").get(TEAM).text)
    if leaving == "removed":
        client_as("owner").post(f"{TEAM}/{second_owner}/remove")
    else:
        client_as("owner").post(f"{TEAM}/{second_owner}", data={"role": READER})
    assert "werkt niet meer" in client_as(None).get(link).text
    assert NEW not in client_as("owner").get(TEAM).text
    assert ("team.invitation_withdrawn", NEW) in events()
    assert follow(client_as, other).status_code == 303  # of somebody who is still there
    assert role_of(NEW) is None


def test_a_link_of_who_may_not_invite_any_more_makes_nobody_a_member_even_when_it_was_left(
    client_as: Any, second_owner: Any
) -> None:
    """As when somebody is taken out by other code than the team page."""
    invite(client_as("planner"), NEW, OWNER)
    link = link_to(NEW, "/invitation")
    guest = client_as(None)
    page = guest.get(link).text
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(Membership).where(Membership.person_id == second_owner)).one().role = READER
    data = {"csrf_token": csrf_of(page), "name": "Nina", "password": LONG}
    assert guest.post(link, data=data).status_code == 422
    assert role_of(NEW) is None


def test_removing_the_sender_and_following_at_the_same_moment_never_leaves_an_owner_and_never_a_deadlock(
    app: Flask, client_as: Any, second_owner: Any
) -> None:
    invite(client_as("planner"), NEW, OWNER)
    token = link_to(NEW, "/invitation").rpartition("/")[2]
    start, failed = threading.Barrier(2), []

    def at_once(deed: Any) -> None:
        with app.app_context():
            start.wait()
            try:
                deed()
            except Refusal:
                pass
            except Exception as error:
                failed.append(error)
            finally:
                tenants.leave()

    threads = [
        threading.Thread(target=at_once, args=(deed,))
        for deed in (
            lambda: invitations.accept_new(token, "Nina", LONG),
            lambda: team.remove(process("vos"), second_owner),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with pytest.raises(Refusal):
        invitations.accept_new(token, "Nina", LONG)


@pytest.mark.parametrize("name", ["Nina\nKlik op kwaad", "https://kwaad.example", "kwaad.nl", "nina@kwaad.nl"])
def test_a_name_that_would_be_a_letter_is_refused_at_its_field_with_all_that_was_typed(
    client_as: Any, name: str
) -> None:
    invite(client_as("owner"))
    link, guest = link_to(NEW, "/invitation"), client_as(None)
    page = guest.get(link).text
    answer = guest.post(link, data={"csrf_token": csrf_of(page), "name": name, "password": LONG})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text or "Een naam" in answer.text
    assert role_of(NEW) is None


def test_the_name_of_before_stands_on_one_line_in_a_letter_and_is_no_link(client_as: Any, app: Flask) -> None:
    tenants.leave()
    with write_transaction() as session:
        owner = session.scalars(select(Person).where(Person.email == EMAILS["owner"])).one()
        owner.name = "Vos\n\nKlik op https://kwaad.example/nu"
    invite(client_as("owner"))
    text = letters_to(NEW)[-1].text
    assert "https://kwaad" not in text
    assert "\n\nKlik" not in text


def test_letters_to_one_address_and_of_one_company_have_a_limit_that_passes(client_as: Any) -> None:
    owner, neighbour = client_as("owner"), client_as("neighbour")
    for _ in range(5):
        assert invite(owner).status_code == 303
    refused = invite(owner)
    assert (refused.status_code, "veel uitnodigingen" in refused.text) == (422, True)
    assert f'value="{NEW}"' in refused.text
    other = neighbour.post("/t/buur/settings/team/invite", data={"email": NEW, "role": "planner"})
    assert other.status_code == 422  # whoever sends them
    pending = db.session.scalars(select(Token.id).where(Token.email == NEW, Token.used_at.is_(None))).one()
    tenants.leave()
    again = owner.post(f"{TEAM}/invitations/{pending}/resend", follow_redirects=True)
    assert "veel uitnodigingen" in again.text
    assert len(letters_to(NEW)) == 5
    answers = [invite(owner, f"nummer{number}@elders.example").status_code for number in range(46)]
    assert answers == [303] * 45 + [422]
    assert neighbour.post(
        "/t/buur/settings/team/invite", data={"email": "nummer90@elders.example", "role": "planner"}
    ).status_code == 303  # fmt: skip


def test_the_owner_asks_a_second_step_of_everybody(client_as: Any) -> None:
    owner, worker, neighbour = client_as("owner"), client_as("worker"), client_as("neighbour")
    assert worker.get("/t/vos/").status_code == 200
    assert client_as("office").post(f"{TEAM}/second-factor", data={"wanted": "yes"}).status_code == 403
    assert owner.post(f"{TEAM}/second-factor", data={"wanted": "yes"}).status_code == 303
    assert worker.get("/t/vos/").location == "/account/second-factor"
    assert worker.get("/account/second-factor").status_code == 200
    assert owner.get("/t/vos/").location == "/account/second-factor"
    assert neighbour.get("/t/buur/").status_code == 200
    tenants.leave()
    with write_transaction() as session:
        for who in ("worker", "owner"):
            person = session.scalars(select(Person).where(Person.email == EMAILS[who])).one()
            person.totp_since = datetime.now(UTC)
    assert worker.get("/t/vos/").status_code == 200
    assert "Van iedereen gevraagd" in owner.get(TEAM).text
    assert owner.post(f"{TEAM}/second-factor", data={"wanted": "no"}).status_code == 303
    assert client_as("planner").get("/t/vos/").status_code == 200
    assert [name for name, _who in events()] == ["team.factor_asked", "team.factor_not_asked"]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert owner.post(f"{TEAM}/second-factor", data={"wanted": "yes"}).location.startswith("/account/confirm")


def test_an_invitation_that_could_not_be_delivered_says_so_where_it_was_sent(client_as: Any) -> None:
    owner = client_as("owner")
    for address in (NEW, "ander@elders.example"):
        invite(owner, address)
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(Mail).where(Mail.to_address == NEW)).one().state = "failed"
    page = folded(owner.get(TEAM).text)
    assert page.count("niet afgeleverd") == 1
    (row,) = (row for row in page.split("<tr>") if "/resend" in row and NEW in row)
    assert "niet afgeleverd" in row
    pending = db.session.scalars(select(Token.id).where(Token.email == NEW, Token.used_at.is_(None))).one()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        owner.post(f"{TEAM}/invitations/{pending}/resend")
    assert "niet afgeleverd" not in owner.get(TEAM).text, "the new letter is on its way"


def test_who_follows_the_link_by_which_they_joined_reads_that_they_belong(client_as: Any) -> None:
    invite(client_as("owner"), NEW)
    link = link_to(NEW, "/invitation")
    joined = client_as(None)
    page = joined.get(link).text
    joined.post(link, data={"csrf_token": csrf_of(page), "name": "Nina", "password": LONG})
    again = joined.get(link).text
    assert "U hoort er al bij" in again
    assert 'href="/t/vos/"' in again
    stranger = client_as(None).get(link)
    assert (stranger.status_code, "U hoort er al bij" in stranger.text) == (200, True)
    assert "/login?next=/t/vos/" in stranger.text
    assert "iemand anders" in client_as("planner").get(link).text
    client_as("owner").post(f"{TEAM}/{person_id(NEW)}/remove")
    gone = client_as(None).get(link).text
    assert "werkt niet meer" in gone, "of who does not belong any more nothing is told"
    assert "U hoort er al bij" not in gone

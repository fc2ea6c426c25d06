"""Instellingen, Team: inviting, joining, changing a role, removing; and who may do what."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from domain.message import Refusal
from domain.permissions import ALL_PERMISSIONS, GRANTED, OWNER, PERMISSION_NAMES, READER, ROLE_NAMES
from models import AuditEntry, LoginSession, Membership, Person, Tenant, Token, Worker
from services.company import tenants
from services.people import team
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_auth import csrf_of, log_in
from tests.support.cast import EMAILS, PASSWORD, process
from tests.support.client import client_for
from tests.support.letters import letters_to, link_to

TEAM = "/t/vos/settings/team"
NEW = "nieuwe.collega@elders.example"
LONG = "paarse olifant op een trap"


def person_id(email: str) -> UUID:
    """Whose id."""
    tenants.leave()
    return db.session.scalars(select(Person.id).where(Person.email == email)).one()


def role_of(email: str, slug: str = "vos") -> str | None:
    """What somebody is in a tenant."""
    tenants.leave()
    query = select(Membership.role).join(Tenant, Tenant.id == Membership.tenant_id).join(
        Person, Person.id == Membership.person_id
    )  # fmt: skip
    return db.session.scalar(query.where(Person.email == email, Tenant.slug == slug))


def events() -> list[tuple[str, str]]:
    """What the log of Vos says about the team, oldest first."""
    process("vos")
    query = select(AuditEntry).where(AuditEntry.event.startswith("team.")).order_by(AuditEntry.at, AuditEntry.id)
    return [(row.event, row.subject_name) for row in db.session.scalars(query)]


def invite(client: Any, email: str = NEW, role: str = "planner") -> Any:
    """Send an invitation."""
    return client.post(f"{TEAM}/invite", data={"email": email, "role": role})


def test_somebody_new_is_invited_and_joins_once(client_as: Any) -> None:
    assert invite(client_as("owner")).status_code == 303
    assert NEW in client_as("office").get(TEAM).text
    link, guest = link_to(NEW, "/invitation"), client_as(None)
    page = guest.get(link)
    assert "Vos" in page.text
    assert "planner" in page.text
    weak = guest.post(link, data={"csrf_token": csrf_of(page.text), "name": "Nina", "password": "nieuwecollega1"})
    assert weak.status_code == 422
    assert 'value="Nina"' in weak.text
    done = guest.post(link, data={"csrf_token": csrf_of(weak.text), "name": "Nina Nieuw", "password": LONG})
    assert (done.status_code, done.location) == (303, "/t/vos/")
    assert guest.get("/t/vos/").status_code == 200
    assert role_of(NEW) == "planner"
    assert "U hoort er al bij" in client_as(None).get(link).text
    assert events() == [("team.invited", NEW), ("team.joined", NEW)]


def test_the_link_of_an_invitation_is_stored_as_a_hash_and_runs_out_in_seven_days(client_as: Any) -> None:
    invite(client_as("owner"))
    token = link_to(NEW, "/invitation").rpartition("/")[2]
    row = db.session.scalars(select(Token).where(Token.email == NEW)).one()
    assert token not in str(vars(row))
    assert row.expires_at - row.created_at == timedelta(days=7)
    with write_transaction() as session:
        session.scalars(select(Token).where(Token.email == NEW)).one().expires_at -= timedelta(days=7, seconds=1)
    assert "werkt niet meer" in client_as(None).get(f"/invitation/{token}").text
    assert "verlopen" in client_as("owner").get(TEAM).text


def test_somebody_known_joins_a_second_company_by_logging_in(client_as: Any) -> None:
    invite(client_as("owner"), EMAILS["neighbour_worker"], "reader")
    link, guest = link_to(EMAILS["neighbour_worker"], "/invitation"), client_as(None)
    page = guest.get(link).text
    assert 'name="password"' not in page
    assert f"/login?next={link}" in page
    answer = log_in(guest, email=EMAILS["neighbour_worker"], password=PASSWORD, next=link)
    assert answer.location == link
    page = guest.get(link).text
    assert guest.post(link, data={"csrf_token": csrf_of(page)}).location == "/t/vos/"
    choice = guest.get("/").text
    assert 'href="/t/vos/"' in choice
    assert 'href="/t/buur/"' in choice
    assert (role_of(EMAILS["neighbour_worker"]), role_of(EMAILS["neighbour_worker"], "buur")) == ("reader", "worker")


def test_an_invitation_of_somebody_else_makes_nobody_a_member(client_as: Any) -> None:
    invite(client_as("owner"), EMAILS["neighbour_worker"])
    link = link_to(EMAILS["neighbour_worker"], "/invitation")
    other = client_as("neighbour")
    assert "iemand anders ingelogd" in other.get(link).text
    answer = other.post(link)
    assert answer.status_code == 422
    assert role_of(EMAILS["neighbour"]) is None
    assert role_of(EMAILS["neighbour_worker"]) is None


def test_sending_again_and_withdrawing_end_the_link_before(client_as: Any) -> None:
    owner = client_as("owner")
    invite(owner)
    first = link_to(NEW, "/invitation")
    address = re.search(rf"{TEAM}/invitations/[\w-]+/resend", owner.get(TEAM).text)
    assert address
    assert NEW in owner.get(TEAM).text
    pending = db.session.scalars(select(Token.id).where(Token.email == NEW)).one()
    owner.post(f"{TEAM}/invitations/{pending}/resend")
    second = link_to(NEW, "/invitation")
    assert first != second
    assert "werkt niet meer" in client_as(None).get(first).text
    pending = db.session.scalars(select(Token.id).where(Token.email == NEW, Token.used_at.is_(None))).one()
    assert owner.post(f"{TEAM}/invitations/{pending}/withdraw").status_code == 303
    assert "werkt niet meer" in client_as(None).get(second).text
    assert owner.post(f"{TEAM}/invitations/{pending}/withdraw").status_code == 404
    assert events()[-1] == ("team.invitation_withdrawn", NEW)


@pytest.mark.parametrize(
    ("email", "role", "says"),
    [
        (EMAILS["office"], "planner", "hoort al bij uw bedrijf"),
        (EMAILS["support"], "planner", "van onze support"),
        ("geen adres", "planner", "niet af"),
        (NEW, "koning", "role"),
    ],
)
def test_an_invitation_that_cannot_be_keeps_what_was_typed(client_as: Any, email: str, role: str, says: str) -> None:
    answer = invite(client_as("owner"), email, role)
    assert answer.status_code == 422
    assert f'value="{email}"' in answer.text
    assert says in answer.text
    assert letters_to(email) == []


def test_who_is_removed_is_out_at_the_next_request(client_as: Any, cast: SimpleNamespace) -> None:
    gone, mechanic = client_as("worker"), person_id(EMAILS["worker"])
    assert gone.get("/t/vos/").status_code == 200
    assert client_as("owner").post(f"{TEAM}/{mechanic}/remove").status_code == 303
    assert gone.get("/t/vos/").location.startswith("/login")
    assert client_as("worker").get("/t/vos/").status_code == 404  # also after logging in again
    process("vos")
    assert db.session.scalars(select(Worker.person_id)).all() == [None]  # the work stays, the login does not
    assert events() == [("team.removed", EMAILS["worker"])]


def test_a_role_is_changed_and_holds_at_the_next_request(client_as: Any) -> None:
    planner = client_as("planner")
    assert planner.get("/t/vos/work-orders/new").status_code == 200
    client_as("owner").post(f"{TEAM}/{person_id(EMAILS['planner'])}", data={"role": "reader"})
    assert planner.get("/t/vos/work-orders/new").status_code == 403
    assert events() == [("team.role_changed", EMAILS["planner"])]


def test_the_last_owner_can_be_neither_removed_nor_demoted(client_as: Any) -> None:
    owner, me = client_as("owner"), person_id(EMAILS["owner"])
    demoted = owner.post(f"{TEAM}/{me}", data={"role": "reader"})
    removed = owner.post(f"{TEAM}/{me}/remove")
    assert (demoted.status_code, removed.status_code) == (422, 422)
    assert "laatste eigenaar" in demoted.text
    assert "laatste eigenaar" in removed.text
    assert role_of(EMAILS["owner"]) == OWNER


def test_two_owners_who_demote_each_other_at_once_leave_one(app: Flask, cast: SimpleNamespace) -> None:
    both = [person_id(EMAILS["owner"]), person_id(EMAILS["office"])]
    team.change_role(process("vos"), both[1], OWNER)
    tenants.leave()
    barrier, refused = threading.Barrier(2), []

    def demote(whom: UUID) -> None:
        with app.app_context():
            actor = process("vos")
            barrier.wait()
            try:
                team.change_role(actor, whom, READER)
            except Refusal as refusal:
                refused.append(str(refusal))
            finally:
                tenants.leave()

    threads = [threading.Thread(target=demote, args=[whom]) for whom in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert sorted(filter(None, (role_of(EMAILS["owner"]), role_of(EMAILS["office"])))) == [OWNER, READER]


@pytest.mark.parametrize("who", ["office", "planner", "worker", "reader"])
def test_only_owners_change_the_team_and_office_may_look(client_as: Any, who: str) -> None:
    client = client_as(who)
    assert client.get(TEAM).status_code == (200 if who == "office" else 403)
    for address in (f"{TEAM}/invite", f"{TEAM}/{person_id(EMAILS['reader'])}"):
        assert client.get(address).status_code == 403
        assert client.post(address, data={"role": "owner", "email": NEW}).status_code == 403
    assert role_of(EMAILS["reader"]) == READER


def test_the_table_of_rights_says_what_the_doors_ask(client_as: Any) -> None:
    assert set(PERMISSION_NAMES) == ALL_PERMISSIONS, "domain/permissions.py: give every permission its words"
    page = client_as("owner").get(TEAM).text
    table = page[page.index("Wie mag wat") :]
    assert re.findall(r"<th>(\w+)</th>", table)[1:] == list(ROLE_NAMES.values())
    rows = re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', table, flags=re.S)
    shown = {name: [cell == "ja" for cell in re.findall(r">(ja|nee)<", cells)] for name, cells in rows}
    assert shown == {
        PERMISSION_NAMES[word]: [word in GRANTED[role] for role in ROLE_NAMES] for word in PERMISSION_NAMES
    }


def test_a_suspended_company_is_closed_to_its_people_at_once(client_as: Any) -> None:
    client = client_as("office")
    assert client.get("/t/vos/").status_code == 200
    tenants.leave()
    with write_transaction() as session:
        vos = session.scalars(select(Tenant).where(Tenant.slug == "vos")).one()
        vos.suspended_at = vos.created_at
    assert client.get("/t/vos/").status_code == 404
    assert "U hoort nog bij geen bedrijf" in client.get("/").text


def test_changing_the_team_asks_the_password_again_after_ten_minutes(client_as: Any, app: Flask) -> None:
    client = client_for(app, "owner")
    tenants.leave()
    with write_transaction() as session:
        for row in session.scalars(select(LoginSession)):
            row.data = re.sub(r'"fresh_at": \d+', '"fresh_at": 1', row.data)
    asked = client.get(f"{TEAM}/invite")
    assert asked.location == f"/account/confirm?next={TEAM}/invite"
    assert client.get(TEAM).status_code == 200
    assert invite(client).location.startswith("/account/confirm?next=")
    assert letters_to(NEW) == []
    page = client.get(asked.location).text
    wrong = client.post(
        "/account/confirm", data={"csrf_token": csrf_of(page), "password": "mis", "next": f"{TEAM}/invite"}
    )
    assert wrong.status_code == 422
    right = client.post(
        "/account/confirm", data={"csrf_token": csrf_of(page), "password": PASSWORD, "next": f"{TEAM}/invite"}
    )
    assert right.location == f"{TEAM}/invite"
    assert invite(client).location == TEAM
    assert len(letters_to(NEW)) == 1

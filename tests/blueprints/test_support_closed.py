"""Support: who is in a team stays closed, consent that is withdrawn stops what is under way, nobody is made owner
unasked, and an account ends."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from domain.message import Refusal
from models import AuditEntry, LoginSession, Membership, Person, Relation, SupportVisit, Tenant, Token, Worker
from services.company import tenants
from services.company import workers as people
from services.people import authentication, invitations
from services.support import access, visits
from services.transaction import no_transaction_open, write_transaction
from tenancy.database import db
from tests.blueprints import test_support_acting
from tests.blueprints.test_auth import csrf_of, log_in
from tests.blueprints.test_support_acting import acting
from tests.blueprints.test_team import LONG, role_of
from tests.support.cast import EMAILS, PASSWORD, process
from tests.support.client import client_for
from tests.support.letters import letters_to, link_to

agreed = test_support_acting.agreed
NEW = {"name": "Schilder Kwast", "slug": "kwast", "owner_email": "Kee@Kwast.example"}
KEE = "kee@kwast.example"


@pytest.mark.parametrize("mode", ["acting", "reading"])
def test_no_page_of_a_visit_shows_whose_logins_there_are(client_as: Any, agreed: SimpleNamespace, mode: str) -> None:
    process("vos")
    worker = db.session.scalars(select(Worker).where(Worker.person_id.is_not(None))).one()
    worker_id = worker.id
    tenants.leave()
    if mode == "acting":
        client = acting(client_as, agreed)
    else:
        client = client_as("support")
        client.post("/support/vos/step-in", data={"mode": "reading", "reason": "even kijken waar het staat"})
    members = {email for who, email in EMAILS.items() if who in {"owner", "office", "planner", "worker", "reader"}}
    paths = ["/settings/workers", "/settings/workers/new", f"/settings/workers/{worker_id}/edit", "/planning/", "/"]
    for path in paths:
        page = client.get(f"/t/vos{path}")
        assert page.status_code in {200, 403}, path
        assert not {email for email in members if email in page.text}, path
    assert EMAILS["worker"] in client_as("office").get("/t/vos/settings/workers").text


def test_who_acts_ties_no_login_to_a_worker_and_takes_none_away(client_as: Any, agreed: SimpleNamespace) -> None:
    process("vos")
    worker = db.session.scalars(select(Worker).where(Worker.person_id.is_not(None))).one()
    worker_id, person_id = worker.id, worker.person_id
    tenants.leave()
    client = acting(client_as, agreed)
    typed = {"name": "Anders", "colour": "petrol", "active": "y", "confirmed": "1"}
    for given in ({}, {"person_id": ""}, {"person_id": agreed.people["office"]}):
        assert client.post(f"/t/vos/settings/workers/{worker_id}/edit", data=typed | given).status_code == 303
    made = client.post(
        "/t/vos/settings/workers/new", data=typed | {"name": "Nieuw", "person_id": agreed.people["office"]}
    )
    assert made.status_code == 303
    process("vos")
    assert people.get(worker_id).name == "Anders"
    assert people.get(worker_id).person_id == person_id
    assert db.session.scalars(select(Worker.person_id).where(Worker.name == "Nieuw")).one() is None


@pytest.fixture
def withdrawn_meanwhile(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner withdraws consent after a request of the visit was let in, before it does anything."""
    note = visits.note_request

    def withdraw() -> None:
        with app.app_context():
            access.save(process("vos"), True, None)
            tenants.leave()

    def noted(*given: Any) -> None:
        note(*given)
        if given[1] == "pressed":
            owner = threading.Thread(target=withdraw)
            owner.start()
            owner.join()

    monkeypatch.setattr(visits, "note_request", noted)


@pytest.mark.usefixtures("withdrawn_meanwhile")
def test_consent_withdrawn_while_a_request_is_under_way_stops_it_before_it_writes(
    client_as: Any,
    agreed: SimpleNamespace,
) -> None:
    client = acting(client_as, agreed)
    answer = client.post(
        f"/t/vos/relations/{agreed.relation_id}/notes", data={"notes": "van support", "confirmed": "1"}
    )
    assert answer.status_code == 403
    assert "Uw bezoek is afgelopen" in answer.text
    process("vos")
    assert "van support" not in str([row.notes for row in db.session.scalars(select(Relation))])


@pytest.mark.usefixtures("withdrawn_meanwhile")
def test_consent_withdrawn_while_a_request_is_under_way_stops_it_before_the_books_are_called(
    client_as: Any,
    agreed: SimpleNamespace,
    sandbox: Any,
) -> None:
    client = acting(client_as, agreed)
    before = len(sandbox.calls("demo"))
    assert client.post("/t/vos/relations/sync", data={"confirmed": "1"}).status_code == 403
    assert len(sandbox.calls("demo")) == before


def test_before_every_write_and_every_call_a_visit_that_acts_is_asked_again(
    app: Flask,
    client_as: Any,
    agreed: SimpleNamespace,
) -> None:
    acting(client_as, agreed)
    visit = db.session.scalars(select(SupportVisit)).one()
    actor = visits.visitor_in("vos", visit.staff_id, visit.id)
    assert actor is not None
    visits.bind_session(actor)
    db.session.rollback()
    no_transaction_open()
    with write_transaction() as session:
        session.get(SupportVisit, visit.id).ended_at = datetime.now(UTC)
    with pytest.raises(visits.VisitOver):
        no_transaction_open()
    with pytest.raises(visits.VisitOver), write_transaction():
        pytest.fail("it wrote")
    assert not db.session().in_transaction()
    tenants.leave()
    with write_transaction():
        pass  # the next session is nobody's visit


@pytest.mark.parametrize("known", [False, True])
def test_who_is_made_owner_by_support_is_asked_first(client_as: Any, known: bool) -> None:
    email = EMAILS["planner"] if known else KEE
    assert client_as("support").post("/support/new", data=NEW | {"owner_email": email}).status_code == 303
    assert role_of(email, "kwast") is None
    if known:
        assert "Kwast" not in client_as("planner").get("/t/vos/").text
    link = link_to(email, "/invitation")
    guest = client_as("planner") if known else client_as(None)
    page = guest.get(link).text
    assert "Schilder Kwast" in page
    typed = {} if known else {"name": "Kee Kwast", "password": LONG}
    assert guest.post(link, data={"csrf_token": csrf_of(page)} | typed).location == "/t/kwast/"
    assert role_of(email, "kwast") == "owner"
    process("kwast")
    told = db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.at, AuditEntry.id)).all()
    assert told == ["tenant.opened", "team.joined"]


def test_the_owner_is_asked_again_as_long_as_nobody_is_in(client_as: Any) -> None:
    staff = client_as("support")
    staff.post("/support/new", data=NEW)
    first = link_to(KEE, "/invitation")
    assert "Vraag de eigenaar opnieuw" in staff.get("/support/").text
    assert staff.post("/support/kwast/owner").status_code == 303
    second = link_to(KEE, "/invitation")
    assert "werkt niet meer" in client_as(None).get(first).text
    invitations.accept_new(second.rpartition("/")[2], "Kee Kwast", LONG)
    tenants.leave()
    assert staff.post("/support/kwast/owner").status_code == 404
    assert staff.post("/support/vos/owner").status_code == 404
    assert staff.post("/support/nergens/owner").status_code == 404


def test_the_owner_is_asked_again_however_long_ago_the_link_ran_out(client_as: Any) -> None:
    staff = client_as("support")
    staff.post("/support/new", data=NEW)
    first = link_to(KEE, "/invitation")
    long_over()
    assert staff.post("/support/kwast/owner").status_code == 303
    second = link_to(KEE, "/invitation")
    assert second != first
    invitations.accept_new(second.rpartition("/")[2], "Kee Kwast", LONG)
    long_over()
    assert db.session.scalars(select(Token).where(Token.email == KEE)).all() == []


def long_over() -> None:
    """Every link ran out more than thirty days ago, and the worker tidied."""
    tenants.leave()
    with write_transaction() as session:
        session.execute(update(Token).values(expires_at=datetime.now(UTC) - timedelta(days=31)))
    authentication.tidy()


def test_support_owns_no_company(app: Flask, client_as: Any) -> None:
    answer = client_as("support").post("/support/new", data=NEW | {"owner_email": EMAILS["support"]})
    assert answer.status_code == 422
    assert 'id="owner_email-error"' in answer.text
    tenants.leave()
    with pytest.raises(Refusal):
        tenants.create("kwast", "Kwast", EMAILS["support"])
    tenants.leave()
    assert db.session.scalars(select(Tenant).where(Tenant.slug == "kwast")).all() == []


def test_a_support_account_ends_with_its_visits_sessions_and_links(app: Flask, client_as: Any) -> None:
    staff = client_as("support")
    staff.post("/support/vos/step-in", data={"mode": "reading", "reason": "even kijken waar het staat"})
    assert staff.get("/t/vos/").status_code == 200
    tenants.leave()
    ended = app.test_cli_runner().invoke(args=["support", "end", EMAILS["support"].upper()])
    assert ended.exit_code == 0, ended.output
    tenants.leave()
    assert staff.get("/support/").location.startswith("/login")
    assert log_in(client_as(None), email=EMAILS["support"], password=PASSWORD).status_code == 422
    person = db.session.scalars(select(Person).where(Person.email == EMAILS["support"])).one()
    assert (person.is_support, person.password_hash) == (False, None)
    assert db.session.scalars(select(SupportVisit.ended_at)).one() is not None
    assert db.session.scalars(select(LoginSession).where(LoginSession.person_id == person.id)).all() == []
    process("vos")
    assert "impersonation.stopped" in db.session.scalars(select(AuditEntry.event)).all()
    tenants.leave()
    again = app.test_cli_runner().invoke(args=["support", "end", EMAILS["support"]])
    assert (again.exit_code, "Niemand van support" in again.output) == (1, True)
    planner = app.test_cli_runner().invoke(args=["support", "end", EMAILS["planner"]])
    assert planner.exit_code == 1


def test_a_second_factor_of_who_lost_phone_and_codes_is_forgotten_and_told(app: Flask, client_as: Any) -> None:
    client = client_as("planner")
    tenants.leave()
    with write_transaction() as session:
        person = session.scalars(select(Person).where(Person.email == EMAILS["planner"])).one()
        person.totp_since = datetime.now(UTC) - timedelta(days=9)
    done = app.test_cli_runner().invoke(args=["support", "reset-factor", EMAILS["planner"]])
    assert done.exit_code == 0, done.output
    tenants.leave()
    assert client.get("/account").location.startswith("/login")
    assert "staat nu uit" in letters_to(EMAILS["planner"])[-1].text
    assert client_for(app, "planner").get("/t/vos/").status_code == 200
    again = app.test_cli_runner().invoke(args=["support", "reset-factor", EMAILS["planner"]])
    assert again.exit_code == 1
    assert db.session.scalars(select(Membership).join(Person).where(Person.email == EMAILS["planner"])).one()

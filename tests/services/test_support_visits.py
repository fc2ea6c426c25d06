"""Visits: the wall of the database under a session that only looks, and visits that end by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from domain.message import Refusal
from jobs import rounds
from models import AuditEntry, Person, Relation, SupportVisit, Tenant
from services.company import status, tenants
from services.people import authentication
from services.people.authentication import SignedIn
from services.support import desk, visits
from services.support.visits import READING, Wish
from services.transaction import NestedWrite, own_transaction, write_transaction
from tenancy.database import db
from tenancy.read_only import ReadOnly
from tests.support.cast import process

REASON = "de klant vroeg om hulp"


@pytest.fixture
def staff(vos: SimpleNamespace) -> SignedIn:
    """Somebody of support."""
    tenants.leave()
    found = db.session.scalars(select(Person.id).where(Person.email == "support@crafter.example")).one()
    person = authentication.person(found)
    assert person is not None
    return person


def looking(vos: SimpleNamespace, staff: SignedIn) -> None:
    """Enter Vos as support that only looks."""
    visit_id = visits.step_in(vos.deps, staff, "vos", Wish(READING, REASON))
    tenants.leave()
    visitor = visits.visitor_in("vos", staff.id, visit_id)
    assert visitor is not None
    visits.bind_session(visitor)


def test_the_database_itself_refuses_a_write_while_somebody_only_looks(vos: SimpleNamespace, staff: SignedIn) -> None:
    looking(vos, staff)
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        db.session.connection().execute(text("UPDATE relation SET name = 'gekaapt'"))
    db.session.rollback()
    assert "gekaapt" not in db.session.scalars(select(Relation.name)).all()


def test_a_service_that_wants_to_write_is_refused_before_it_begins(vos: SimpleNamespace, staff: SignedIn) -> None:
    looking(vos, staff)
    with pytest.raises(ReadOnly), write_transaction():
        raise AssertionError("it began")  # pragma: no cover
    db.session().info["writing"] = True  # as if somebody had passed the first wall
    db.session.add(Relation(code="9", name="Nieuw"))
    with pytest.raises(ReadOnly):
        db.session.flush()
    db.session.rollback()


def test_the_next_one_on_the_same_connection_writes_again(vos: SimpleNamespace, staff: SignedIn) -> None:
    looking(vos, staff)
    db.session.scalars(select(Relation)).all()
    tenants.leave()
    process("vos")
    with write_transaction() as session:
        session.scalars(select(Relation)).first().name = "Veranderd"  # type: ignore[union-attr]
    assert "Veranderd" in db.session.scalars(select(Relation.name)).all()


def test_what_is_looked_at_is_noted_beside_a_session_that_cannot_write(vos: SimpleNamespace, staff: SignedIn) -> None:
    looking(vos, staff)
    visit = db.session.scalars(select(SupportVisit)).one()
    actor = visits.visitor_in("vos", staff.id, visit.id)
    assert actor is not None
    visits.note_request(actor, "looked", "planning.show", "/planning/", {})
    db.session.rollback()
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "visit.looked")).one()
    assert (found.person_id, found.visit_id, found.data) == (
        staff.id, visit.id, {"area": {"key": "area.planning", "values": {}}, "path": "/planning/"},
    )  # fmt: skip


def test_the_second_connection_never_waits_for_a_write_of_its_own_request(vos: SimpleNamespace) -> None:
    process("vos")
    with write_transaction(), pytest.raises(NestedWrite), own_transaction(vos.tenant_id):
        raise AssertionError("it began")  # pragma: no cover


def test_a_visit_that_ran_out_is_closed_and_noted_by_the_round(vos: SimpleNamespace, staff: SignedIn) -> None:
    visits.step_in(vos.deps, staff, "vos", Wish(READING, REASON))
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(SupportVisit)).one().ends_at = datetime.now(UTC) - timedelta(seconds=1)
    rounds.every_minute(vos.deps)
    rounds.every_minute(vos.deps)
    process("vos")
    assert db.session.scalars(select(SupportVisit)).one().ended_at is not None
    events = db.session.scalars(select(AuditEntry.event).where(AuditEntry.visit_id.is_not(None))).all()
    assert sorted(events) == ["impersonation.ran_out", "impersonation.started"]


def test_a_suspended_tenant_lets_nobody_in_and_the_worker_leaves_it_alone(
    vos: SimpleNamespace, staff: SignedIn
) -> None:
    visit_id = visits.step_in(vos.deps, staff, "vos", Wish(READING, REASON))
    tenants.leave()
    night = date(2026, 1, 1)
    assert vos.tenant_id in status.syncing(night)
    with pytest.raises(Refusal):
        desk.suspend(staff, "vos", "")
    desk.suspend(staff, "vos", "rekening niet betaald")
    tenants.leave()
    owner = db.session.scalars(select(Person.id).where(Person.email == "owner@vos.example")).one()
    suspended = authentication.person(owner)
    assert suspended is not None
    assert suspended.is_owner
    assert tenants.actor_for("vos", suspended) is None
    assert visits.visitor_in("vos", staff.id, visit_id) is None
    assert vos.tenant_id not in status.syncing(night)
    with pytest.raises(LookupError):
        visits.step_in(vos.deps, staff, "vos", Wish(READING, "nog een reden"))
    tenants.leave()
    desk.resume(staff, "vos")
    tenants.leave()
    resumed = authentication.person(owner)
    assert resumed is not None
    assert tenants.actor_for("vos", resumed) is not None
    assert db.session.scalars(select(Tenant.suspended_reason).where(Tenant.slug == "vos")).one() == ""
    events = db.session.scalars(select(AuditEntry.event).where(AuditEntry.event.startswith("tenant."))).all()
    assert sorted(events) == ["tenant.resumed", "tenant.suspended"]


def test_a_visit_whose_tenants_node_is_away_keeps_nobody_from_another_tenant(
    vos: SimpleNamespace, staff: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = visits.step_in(vos.deps, staff, "vos", Wish(READING, REASON))
    end = visits.stop

    def away(who: SignedIn, visit_id: UUID, apart: bool = False) -> None:
        if visit_id == stuck:
            raise OperationalError("UPDATE support_visit", {}, Exception("connection to the remote node failed"))
        end(who, visit_id, apart)

    monkeypatch.setattr(visits, "stop", away)
    tenants.leave()
    other = visits.step_in(vos.deps, staff, "buur", Wish(READING, "de buurman ook"))
    tenants.leave()
    assert visits.visitor_in("buur", staff.id, other) is not None
    tenants.leave()
    row = db.session.get(SupportVisit, stuck)
    assert row is not None
    assert row.ended_at is None, "its time ends it"

"""Support acting on somebody's behalf: within both people's rights, asked once more, and marked with both names."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import AuditEntry, Mail, Membership, Person, Relation
from services.company import tenants
from services.support import access
from services.transaction import write_transaction
from tenancy.database import db
from tests.support import cast as cast_of
from tests.support.client import HouseClient

STEP_IN = "/support/vos/step-in"
ACT = {"mode": "acting", "reason": "relatie verbeteren, gevraagd door de planner"}
NEW = {"code": "7001", "name": "Bakkerij Klaver", "kind": "yes"}


@pytest.fixture
def agreed(vos: SimpleNamespace) -> SimpleNamespace:
    """Vos allows acting until tomorrow; `people` are its members' ids by role."""
    access.save(vos.actor, True, access.last_day_allowed() - timedelta(days=6))
    query = select(Membership.role, Membership.person_id).where(Membership.tenant_id == vos.tenant_id)
    people = {role: str(person_id) for role, person_id in db.session.execute(query)}
    tenants.leave()
    return SimpleNamespace(people=people, **vars(vos))


def acting(client_as: Any, agreed: SimpleNamespace, role: str = "") -> HouseClient:
    """A client that steps in to act for a member with this role, or for the company."""
    client: HouseClient = client_as("support")
    answer = client.post(STEP_IN, data=ACT | {"subject_id": agreed.people.get(role, "")})
    assert answer.status_code == 303, answer.text
    return client


def relations_named(name: str) -> int:
    cast_of.process("vos")
    return len(db.session.scalars(select(Relation).where(Relation.name == name)).all())


def test_without_consent_nobody_acts(client_as: Any) -> None:
    client = client_as("support")
    answer = client.post(STEP_IN, data=ACT)
    assert answer.status_code == 422
    assert client.get("/t/vos/").status_code == 404


def test_a_post_is_asked_once_more_and_then_done_with_everything_that_was_typed(
    client_as: Any, agreed: SimpleNamespace
) -> None:
    client = acting(client_as, agreed, "planner")
    page = client.get("/t/vos/").text
    assert "U handelt namens Planner Vos" in page
    assert "Stop met handelen" in page
    answer = client.post("/t/vos/relations/", data=NEW)
    assert answer.status_code == 428
    assert relations_named(NEW["name"]) == 0
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert again.pop("csrf_token")
    assert again == NEW | {"confirmed": "1"}
    assert client.post("/t/vos/relations/", data=again).status_code == 303
    assert relations_named(NEW["name"]) == 1


def test_htmx_gets_the_question_in_place_of_the_page(client_as: Any, agreed: SimpleNamespace) -> None:
    answer = acting(client_as, agreed).htmx_post("/t/vos/relations/", data=NEW)
    assert answer.status_code == 428
    assert answer.headers["HX-Retarget"] == "#content"
    assert "<html" not in answer.text
    assert 'action="/t/vos/relations/"' in answer.text


def test_the_trail_names_both_people(client_as: Any, agreed: SimpleNamespace) -> None:
    client = acting(client_as, agreed, "planner")
    client.post("/t/vos/relations/", data=NEW)
    client.post("/t/vos/relations/", data=NEW | {"confirmed": "1"})
    cast_of.process("vos")
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.visit_id.is_not(None)).order_by(AuditEntry.id)).all()
    assert [row.event for row in rows] == [
        "impersonation.acting", "visit.asked", "visit.pressed", "relation.created",
    ]  # fmt: skip
    assert {(row.person_name, row.on_behalf_of) for row in rows} == {("Sam Steun", "Planner Vos")}
    assert {str(row.on_behalf_of_id) for row in rows} == {agreed.people["planner"]}
    log = client_as("owner").get("/t/vos/settings/history?kind=support").text
    assert "namens Planner Vos" in log
    tenants.leave()
    assert "werkt namens u" in db.session.scalars(select(Mail.subject)).one()


@pytest.mark.parametrize("role", ["owner", "office", "planner", "worker", "reader", ""])
def test_what_is_always_closed_stays_closed_whoever_is_the_subject(
    client_as: Any, agreed: SimpleNamespace, role: str
) -> None:
    client = acting(client_as, agreed, role)
    sure = {"confirmed": "1"}
    closed = [
        ("POST", "/t/vos/settings/e-boekhouden"),  # credentials
        ("POST", "/t/vos/settings/support-access"),  # consent
        ("GET", "/t/vos/settings/support-access"),
        ("GET", "/t/vos/settings/numbers/export"),  # exports
        ("GET", "/t/vos/settings/history/export"),
        ("POST", f"/t/vos/work-orders/{agreed.order_id}/approve"),  # posting into somebody's books
    ]
    for method, address in closed:
        answer = client.open(address, method=method, data=sure)
        assert answer.status_code == 403, f"{method} {address} as {role}: {answer.status_code}"


def test_nobody_acts_beyond_the_subjects_own_rights(client_as: Any, agreed: SimpleNamespace) -> None:
    client = acting(client_as, agreed, "reader")
    assert client.post("/t/vos/relations/", data=NEW | {"confirmed": "1"}).status_code == 403
    assert client.get("/t/vos/settings/company").status_code == 403
    assert relations_named(NEW["name"]) == 0


def test_acting_for_a_mechanic_sees_that_mechanics_orders_only(client_as: Any, agreed: SimpleNamespace) -> None:
    cast_of.make_order(cast_of.process("vos"), agreed.relation_id, title="Voor niemand gepland")
    client = acting(client_as, agreed, "worker")
    page = client.get("/t/vos/work-orders/").text
    assert "Onderhoud vos" in page
    assert "Voor niemand gepland" not in page


def test_staff_and_strangers_are_no_subjects(client_as: Any, agreed: SimpleNamespace) -> None:
    tenants.leave()
    ids = db.session.scalars(
        select(Person.id).where(Person.email.in_(("support@crafter.example", "owner@buur.example")))
    )
    client = client_as("support")
    for person_id in ids.all():
        assert client.post(STEP_IN, data=ACT | {"subject_id": str(person_id)}).status_code == 422
    assert client.get("/t/vos/").status_code == 404


def test_when_the_subject_leaves_the_company_the_visit_is_over(client_as: Any, agreed: SimpleNamespace) -> None:
    client = acting(client_as, agreed, "planner")
    tenants.leave()
    with write_transaction() as session:
        session.delete(session.get(Membership, (agreed.tenant_id, UUID(agreed.people["planner"]))))
    assert client.get("/t/vos/").status_code == 403

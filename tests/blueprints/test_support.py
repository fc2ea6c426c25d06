"""Support: the tenant list, stepping in with a reason, looking only, and stopping."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.permissions import ALL_PERMISSIONS, Actor
from models import AuditEntry, Mail, Membership, Person, SupportVisit
from services.company import tenants
from services.transaction import write_transaction
from tenancy.database import db
from tests.isolation.test_neighbour import fingerprint_of, ids_of, methods, tenant_rules, url
from tests.support import cast as cast_of
from web import visits

STEP_IN = "/support/vos/step-in"
REASON = "factuur geweigerd, gevraagd door de planner"
FORM = {"mode": "reading", "reason": REASON}


def entries() -> list[tuple[str, str, str]]:
    """(event, who, on whose behalf) of the visits in Vos's own log, oldest first."""
    cast_of.process("vos")
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.event.like("impersonation%")).order_by(AuditEntry.id))
    return [(row.event, row.person_name, row.on_behalf_of) for row in rows]


@pytest.mark.parametrize("who", ["owner", "neighbour"])
def test_the_pages_of_support_do_not_exist_for_others(client_as: Any, who: str) -> None:
    client = client_as(who)
    assert client.get("/support/").status_code == 404
    assert client.get(STEP_IN).status_code == 404
    assert client.post(STEP_IN, data=FORM).status_code == 404
    assert client.post("/support/stop").status_code == 404


def test_the_list_finds_by_name_and_shows_no_content(client_as: Any) -> None:
    client = client_as("support")
    page = client.get("/support/").text
    assert STEP_IN in page
    assert "/support/buur/step-in" in page
    assert "Familie Vos" not in page
    only = client.htmx_get("/support/?q=buu").text
    assert "/support/buur/step-in" in only
    assert STEP_IN not in only
    assert only.strip() in client.get("/support/?q=buu").text
    nothing = client.get("/support/?q=xyzzy").text
    assert "Geen klant gevonden" in nothing
    assert "xyzzy" in nothing


def test_stepping_in_needs_a_reason_and_keeps_what_was_typed(client_as: Any) -> None:
    client = client_as("support")
    answer = client.post(STEP_IN, data={"mode": "reading", "reason": "ja"})
    assert answer.status_code == 422
    assert 'value="ja"' in answer.text
    assert 'id="reason-error"' in answer.text
    assert client.get("/t/vos/").status_code == 404
    assert client.get("/support/onbekend/step-in").status_code == 404


def test_a_visit_looks_at_one_company_and_changes_nothing(client_as: Any, vos: SimpleNamespace) -> None:
    client = client_as("support")
    before = client.get_cookie("crafter_session").value
    answer = client.post(STEP_IN, data=FORM)
    assert (answer.status_code, answer.location) == (303, "/t/vos/")
    assert client.get_cookie("crafter_session").value != before
    page = client.get("/t/vos/").text
    assert "Stop met meekijken" in page
    assert REASON in page
    assert "Nieuwe werkbon" not in page
    assert client.get("/t/buur/").status_code == 404
    typed = {"planned_on": "2026-11-19", "worker_id": str(vos.worker_id), "confirmed": "1"}
    assert client.post(f"/t/vos/planning/{vos.order_id}", data=typed).status_code == 403
    assert "Uw bezoek loopt nog" in client.get("/support/").text


def test_stopping_ends_the_visit_and_both_names_are_in_the_log(client_as: Any) -> None:
    client = client_as("support")
    client.post(STEP_IN, data=FORM)
    assert client.post("/support/stop").location == "/support/"
    assert client.get("/t/vos/").status_code == 404
    assert entries() == [("impersonation.started", "Sam Steun", "Vos"), ("impersonation.stopped", "Sam Steun", "Vos")]
    log = client_as("owner").get("/t/vos/settings/history").text
    assert "Sam Steun" in log
    assert REASON in log
    assert client.post("/support/stop").status_code == 303  # twice changes nothing
    assert len(entries()) == 2


def test_a_visit_ends_by_itself(client_as: Any) -> None:
    client = client_as("support")
    client.post(STEP_IN, data=FORM)
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(SupportVisit)).one().ends_at = datetime.now(UTC) - timedelta(seconds=1)
    assert client.get("/t/vos/").status_code == 403
    assert "Uw bezoek is afgelopen" in client.htmx_get("/t/vos/").text
    assert "Uw bezoek loopt nog" not in client.get("/support/").text


def test_stepping_in_elsewhere_ends_the_visit_before(client_as: Any) -> None:
    client = client_as("support")
    client.post(STEP_IN, data=FORM)
    client.post("/support/buur/step-in", data=FORM)
    assert client.get("/t/vos/").status_code == 404
    assert client.get("/t/buur/").status_code == 200
    assert [event for event, _who, _whom in entries()] == ["impersonation.started", "impersonation.stopped"]


def test_the_same_reason_does_not_open_the_door_twice(client_as: Any) -> None:
    client = client_as("support")
    client.post(STEP_IN, data=FORM)
    client.post("/support/stop")
    answer = client.post(STEP_IN, data=FORM | {"reason": REASON.upper()})
    assert answer.status_code == 422
    assert "vorige bezoek" in answer.text
    assert client.get("/t/vos/").status_code == 404
    assert client.post(STEP_IN, data=FORM | {"reason": "de klant belt opnieuw"}).status_code == 303


def test_the_owners_get_a_mail_at_the_start_and_read_the_whole_visit_in_their_log(
    client_as: Any, vos: SimpleNamespace
) -> None:
    client = client_as("support")
    client.post(STEP_IN, data=FORM | {"ticket": "T-4711"})
    client.get(f"/t/vos/work-orders/{vos.order_id}")
    client.htmx_get("/t/vos/planning/")
    client.post(f"/t/vos/planning/{vos.order_id}", data={})
    tenants.leave()
    letter = db.session.scalars(select(Mail)).one()
    assert letter.to_address == "owner@vos.example"
    assert "Sam Steun" in letter.text
    assert f"{REASON} (T-4711)" in letter.text
    cast_of.process("vos")
    query = select(AuditEntry).where(AuditEntry.event.startswith("visit.")).order_by(AuditEntry.id)
    rows = db.session.scalars(query).all()
    seen = [(row.event, row.data["path"]) for row in rows]
    assert seen == [
        ("visit.looked", f"/work-orders/{vos.order_id}"),
        ("visit.looked", "/planning/"),
        ("visit.refused", f"/planning/{vos.order_id}"),
    ]
    assert {(row.person_name, row.on_behalf_of) for row in rows} == {("Sam Steun", "Vos")}
    assert len({row.visit_id for row in rows} - {None}) == 1
    assert rows[0].subject_id == vos.order_id


def test_without_consent_only_a_confirmed_emergency_opens_and_every_owner_hears_of_it(client_as: Any) -> None:
    client_as("owner").post("/t/vos/settings/support-access", data={})
    client = client_as("support")
    assert "Deze klant heeft meekijken uitgezet" in client.get(STEP_IN).text
    answer = client.post(STEP_IN, data=FORM)
    assert answer.status_code == 422
    assert client.get("/t/vos/").status_code == 404
    assert client.post(STEP_IN, data=FORM | {"anyway": "y"}).status_code == 303
    page = client.get("/t/vos/").text
    assert "Zonder toestemming" in page
    tenants.leave()
    letter = db.session.scalars(select(Mail)).one()
    assert letter.subject.startswith("LET OP")
    assert [event for event, _who, _whom in entries()] == ["impersonation.broke_glass"]


def test_a_member_of_the_tenant_does_not_step_in_there(client_as: Any, vos: SimpleNamespace) -> None:
    tenants.leave()
    with write_transaction() as session:
        staff = session.scalars(select(Person).where(Person.email == "support@crafter.example")).one()
        session.add(Membership(tenant_id=vos.tenant_id, person_id=staff.id, role="reader"))
    assert client_as("support").post(STEP_IN, data=FORM).status_code == 422


@pytest.mark.slow
@pytest.mark.parametrize("wall", ["door", "database"])
def test_no_route_writes_during_a_visit_that_only_looks(
    app: Flask, client_as: Any, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, wall: str
) -> None:
    """Every route and method with the door; and without it, when the database alone must hold."""
    client = client_as("support")
    client.post(STEP_IN, data=FORM)
    if wall == "database":

        def open_door(actor: Actor, permission: str) -> None:
            assert permission in ALL_PERMISSIONS

        monkeypatch.setattr(visits, "check", open_door)
        monkeypatch.setattr(Actor, "may", lambda *_: True)
    before = content_of(cast.vos.tenant_id)
    answers = Counter()
    for rule in tenant_rules(app):
        for method in methods(rule):
            address = url(app, rule, "vos", ids_of(cast.vos))
            status = client.open(address, method=method, data={"version": "1", "confirmed": "1"}).status_code
            assert status < 500, f"{method} {address} answered {status}"
            answers[method == "GET", status] += 1
    assert answers[False, 403] > 5
    if wall == "door":
        assert {status for safe, status in answers if not safe} == {403}
    assert content_of(cast.vos.tenant_id) == before


def content_of(tenant_id: int) -> dict[str, list[str]]:
    """Every row of a tenant but its audit trail, that there is something of it to seal, and the visit itself."""
    found = fingerprint_of(tenant_id)
    return {table: rows for table, rows in found.items() if table not in {"audit_entry", "due_work", "support_visit"}}


NEW = {"name": "Schilder Kwast", "slug": "kwast", "owner_email": "Kee@Kwast.example"}


def test_a_tenant_is_opened_and_its_owner_gets_a_link_that_works_once(client_as: Any) -> None:
    client = client_as("support")
    assert client.post("/support/new", data=NEW).status_code == 303
    assert "Schilder Kwast" in client.get("/support/").text
    tenants.leave()
    letter = db.session.scalars(select(Mail)).one()
    assert letter.to_address == "kee@kwast.example"
    token = letter.text.rpartition("/invitation/")[2].split()[0]
    tenants.leave()
    assert "Schilder Kwast" in client_as(None).get(f"/invitation/{token}").text
    cast_of.process("kwast")
    assert db.session.scalars(select(AuditEntry.event)).all() == ["tenant.opened"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"slug": "vos"}, "slug"), ({"slug": "Met spatie"}, "slug"), ({"owner_email": "kee"}, "owner_email"),
     ({"name": " "}, "name")],
)  # fmt: skip
def test_a_wrong_tenant_is_refused_with_all_that_was_typed(client_as: Any, change: dict[str, str], field: str) -> None:
    client = client_as("support")
    answer = client.post("/support/new", data=NEW | change)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{(NEW | change)["owner_email"]}"' in answer.text
    tenants.leave()
    assert db.session.scalars(select(Mail)).all() == []


def test_a_suspended_tenant_is_closed_for_everybody_until_support_opens_it_again(client_as: Any) -> None:
    staff, owner = client_as("support"), client_as("owner")
    assert staff.post("/support/vos/suspend", data={"reason": "nee"}).status_code == 422
    assert owner.get("/t/vos/").status_code == 200
    assert staff.post("/support/vos/suspend", data={"reason": "rekening niet betaald"}).status_code == 303
    assert owner.get("/t/vos/").status_code == 404
    assert staff.get(STEP_IN).status_code == 404
    assert "rekening niet betaald" in staff.get("/support/vos/suspend").text
    assert staff.post("/support/vos/resume").status_code == 303
    assert "rekening niet betaald" in owner.get("/t/vos/settings/history").text


def test_support_sees_every_visit_of_support(client_as: Any) -> None:
    client = client_as("support")
    client.post(STEP_IN, data=FORM | {"ticket": "T-4711"})
    page = client.get("/support/visits").text
    assert all(text in page for text in ("Sam Steun", REASON, "T-4711", "nog niet"))
    client.post("/support/stop")
    assert "nog niet" not in client.get("/support/visits").text


@pytest.mark.parametrize("address", ["/support/visits", "/support/new", "/support/vos/suspend"])
def test_only_staff_gets_there(client_as: Any, address: str) -> None:
    assert client_as("owner").get(address).status_code == 404
    assert client_as("owner").post(address).status_code in {404, 405}
    assert client_as("support").get(address).status_code == 200

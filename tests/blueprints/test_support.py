"""Support: the tenant list, stepping in with a reason, looking only, and stopping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import AuditEntry, SupportVisit
from services import tenants
from services._transaction import write_transaction
from tenancy.database import db
from tests.support import cast as cast_of

STEP_IN = "/support/vos/step-in"
REASON = "factuur geweigerd, gevraagd door de planner"


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
    assert client.post(STEP_IN, data={"reason": REASON}).status_code == 404
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
    answer = client.post(STEP_IN, data={"reason": "ja"})
    assert answer.status_code == 422
    assert 'value="ja"' in answer.text
    assert 'id="reason-error"' in answer.text
    assert client.get("/t/vos/").status_code == 404
    assert client.get("/support/onbekend/step-in").status_code == 404


def test_a_visit_looks_at_one_company_and_changes_nothing(client_as: Any, vos: SimpleNamespace) -> None:
    client = client_as("support")
    before = client.get_cookie("crafter_session").value
    answer = client.post(STEP_IN, data={"reason": REASON})
    assert (answer.status_code, answer.location) == (303, "/t/vos/")
    assert client.get_cookie("crafter_session").value != before
    page = client.get("/t/vos/").text
    assert "Stop met meekijken" in page
    assert REASON in page
    assert "Nieuwe werkbon" not in page
    assert client.get("/t/buur/").status_code == 404
    typed = {"planned_on": "2026-11-19", "worker_id": str(vos.worker_id)}
    assert client.post(f"/t/vos/planning/{vos.order_id}", data=typed).status_code == 403
    assert "U kijkt nog mee" in client.get("/support/").text


def test_stopping_ends_the_visit_and_both_names_are_in_the_log(client_as: Any) -> None:
    client = client_as("support")
    client.post(STEP_IN, data={"reason": REASON})
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
    client.post(STEP_IN, data={"reason": REASON})
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(SupportVisit)).one().ends_at = datetime.now(UTC) - timedelta(seconds=1)
    assert client.get("/t/vos/").status_code == 404
    assert "U kijkt nog mee" not in client.get("/support/").text


def test_stepping_in_elsewhere_ends_the_visit_before(client_as: Any) -> None:
    client = client_as("support")
    client.post(STEP_IN, data={"reason": REASON})
    client.post("/support/buur/step-in", data={"reason": REASON})
    assert client.get("/t/vos/").status_code == 404
    assert client.get("/t/buur/").status_code == 200

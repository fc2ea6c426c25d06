"""Toegang voor support: the owner says what support may do, and it holds at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain.permissions import Actor
from models import AuditEntry, Tenant
from services.company import tenants
from services.support import access, visits
from services.transaction import write_transaction
from tenancy.database import db
from tests.support import cast as cast_of

PAGE = "/t/vos/settings/support-access"
REASON = "factuur geweigerd, gevraagd door de planner"


def consent() -> access.Consent:
    """Vos's consent as it stands in the database."""
    tenants.leave()
    return access.of(db.session.scalars(select(Tenant).where(Tenant.slug == "vos")).one())


def day(ahead: int) -> str:
    """A day so many days ahead, as the browser's date control sends it."""
    return (access.last_day_allowed() + timedelta(days=ahead - access.MOST_DAYS)).isoformat()


@pytest.mark.parametrize("who", ["office", "planner", "worker", "reader"])
def test_only_the_owner_may_see_or_change_it(client_as: Any, who: str) -> None:
    client = client_as(who)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, data={}).status_code == 403
    assert PAGE not in client.get("/t/vos/settings/history").text
    assert consent().reading


def test_looking_along_is_allowed_until_the_owner_says_no(client_as: Any) -> None:
    owner = client_as("owner")
    page = owner.get(PAGE).text
    assert "checked" in page
    assert consent() == access.Consent(True, None)
    assert owner.post(PAGE, data={}).status_code == 303
    assert not consent().reading
    assert "Toegang voor support: meekijken nee" in owner.get("/t/vos/settings/history").text


def test_acting_needs_a_day_at_most_seven_ahead(client_as: Any) -> None:
    owner = client_as("owner")
    for wrong in (day(8), day(-1), "31-31-2026"):
        answer = owner.post(PAGE, data={"reading": "y", "acting_through": wrong})
        assert answer.status_code == 422, wrong
        assert f'value="{wrong}"' in answer.text, wrong
        assert 'id="acting_through-error"' in answer.text, wrong
    assert not consent().acting
    assert owner.post(PAGE, data={"reading": "y", "acting_through": day(7)}).status_code == 303
    assert consent().acting
    assert day(7) in owner.get(PAGE).text


def test_acting_without_looking_along_is_refused(client_as: Any) -> None:
    assert client_as("owner").post(PAGE, data={"acting_through": day(1)}).status_code == 422
    assert consent().reading


def test_the_last_day_ends_at_midnight_in_amsterdam(vos: SimpleNamespace) -> None:
    today = access.last_day_allowed() - timedelta(days=access.MOST_DAYS)
    access.save(vos.actor, True, today)
    until = consent().acting_until
    assert until is not None
    assert datetime.now(UTC) < until <= datetime.now(UTC) + timedelta(hours=24)
    assert consent().last_day == today


def test_acting_ends_by_itself_after_the_day(client_as: Any) -> None:
    tenants.leave()
    with write_transaction() as session:
        row = session.scalars(select(Tenant).where(Tenant.slug == "vos")).one()
        row.support_acting_until = datetime.now(UTC) - timedelta(seconds=1)
    assert not consent().acting
    assert "namens" not in client_as("support").get("/support/vos/step-in").text.lower()


def test_withdrawing_the_consent_ends_a_visit_at_once(client_as: Any) -> None:
    staff, owner = client_as("support"), client_as("owner")
    staff.post("/support/vos/step-in", data={"mode": "reading", "reason": REASON})
    assert staff.get("/t/vos/").status_code == 200
    owner.post(PAGE, data={})
    assert staff.get("/t/vos/").status_code == 403
    assert "Uw bezoek is afgelopen" in staff.get("/t/vos/").text
    cast_of.process("vos")
    assert "impersonation.withdrawn" in db.session.scalars(select(AuditEntry.event)).all()


def test_saving_the_same_again_changes_nothing(vos: SimpleNamespace) -> None:
    assert access.save(vos.actor, True, None) is False


def test_who_only_looks_gets_a_database_that_only_reads_before_anything_is_noted(
    client_as: Any, vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    real = visits.note_request

    def note(actor: Actor, *rest: Any) -> None:
        seen.append(bool(db.session().info.get("read_only")))
        real(actor, *rest)

    monkeypatch.setattr(visits, "note_request", note)
    client = client_as("support")
    assert (
        client.post("/support/vos/step-in", data={"mode": "reading", "reason": "kijken wat er is"}).status_code == 303
    )
    assert client.get("/t/vos/planning/").status_code == 200
    assert seen
    assert all(seen)

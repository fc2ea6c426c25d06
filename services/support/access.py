"""What a tenant lets support do: look along (yes or no), and act on somebody's behalf until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain import moments
from domain.meanwhile import Opened
from domain.message import Refusal, msg
from domain.notes import note
from domain.permissions import Actor
from models import SupportVisit, Tenant
from oversight.audit_trail import record
from services import meanwhile
from services.transaction import write_transaction
from tenancy.clock import database_now, day_of, midnight
from tenancy.database import db

MOST_DAYS = 7


@dataclass(frozen=True)
class Consent:
    """`acting_until` is the moment acting ends (the end of a day in Amsterdam), or None when it is not allowed."""

    reading: bool
    acting_until: datetime | None

    @property
    def acting(self) -> bool:
        """Whether support may act at this moment."""
        return moments.lasts(self.acting_until, datetime.now(UTC), timedelta(days=MOST_DAYS + 1))

    @property
    def last_day(self) -> date | None:
        """The last day on which support may act, while it may."""
        until = self.acting_until
        return day_of(until - timedelta(seconds=1)) if until and self.acting else None

    def by_field(self) -> dict[str, Any]:
        """As its form is filled in."""
        return {"reading": self.reading, "acting_through": self.last_day}


def of(tenant: Tenant) -> Consent:
    """The consent that stands on a tenant's row."""
    return Consent(tenant.support_reading, tenant.support_acting_until)


def present(actor: Actor) -> Consent:
    """The consent of the tenant somebody is at work in."""
    return of(db.session.scalars(select(Tenant).where(Tenant.id == actor.tenant_id)).one())


def last_day_allowed(now: datetime | None = None) -> date:
    """The furthest day that may be chosen for acting."""
    return day_of(now or datetime.now(UTC)) + timedelta(days=MOST_DAYS)


def save(actor: Actor, reading: bool, acting_through: date | None, opened: Opened | None = None) -> bool:
    """Write the consent, on a form that was opened on `opened`; whether it changed. Visits it no longer covers end at
    once.

    Raises Refusal (field `acting_through`) for a day that is past or further than seven days ahead.
    """
    with write_transaction() as session:
        now = database_now(session)
        tenant = session.scalars(select(Tenant).where(Tenant.id == actor.tenant_id).with_for_update()).one()
        before = of(tenant)
        typed: dict[str, Any] = {"reading": reading, "acting_through": acting_through}
        typed = meanwhile.settle(session, opened, typed, before.by_field(), None, "support_access.changed")
        reading, acting_through = bool(typed["reading"]), typed["acting_through"]
        until = _end_of(acting_through) if acting_through else None
        if acting_through and not reading:
            raise Refusal(
                msg(
                    "Namens u handelen kan alleen als support ook mag meekijken. Zet dat aan of haal de einddatum weg."
                ),
                "acting_through",
            )
        if until and not now < until <= _end_of(last_day_allowed(now)):
            raise Refusal(
                msg("Kies een dag van vandaag tot en met %(n)s dagen vooruit.", n=MOST_DAYS), "acting_through"
            )
        if (before.reading, before.last_day) == (reading, acting_through):
            return False
        tenant.support_reading, tenant.support_acting_until = reading, until
        no = note("support_access.no")
        said = note("support_access.through", day=acting_through) if acting_through else no
        record(session, actor, "support_access.changed", reading=note("support_access.yes") if reading else no,
               acting=said)  # fmt: skip
        running = select(SupportVisit).where(
            SupportVisit.tenant_id == actor.tenant_id, SupportVisit.ended_at.is_(None), SupportVisit.ends_at > now
        )
        for visit in session.scalars(running):
            if not covers(of(tenant), visit):
                visit.ended_at = now
                record(session, actor, "impersonation.withdrawn", "visit", visit.id)
            elif visit.mode == "acting" and until:
                visit.ends_at = min(visit.ends_at, until)
        return True


def covers(consent: Consent, visit: SupportVisit) -> bool:
    """Whether a visit may go on under this consent. One that broke the glass never had it, and goes on to its end."""
    if visit.mode == "acting":
        return consent.acting
    return consent.reading or visit.broke_glass


def _end_of(day: date) -> datetime:
    return midnight(day + timedelta(days=1))

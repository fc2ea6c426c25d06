"""Whom an invoice would go to: the customer, looked up over there by code before anything is written.

The bookkeeping takes an invoice for a code, and the code may have been given to somebody else since it was read. The
rules are domain.customer's. The look-up is made outside any transaction; what it found is drawn upon under the lock of
the press, on the row as it stands then. asking_ahead.py asks the same before anybody presses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import customer as rules
from domain.customer import Found
from domain.message import NOTHING, Message, msg
from domain.notes import note
from domain.preflight import Blocker
from domain.relation import LED_THERE, RelationDetails
from domain.vat_law import BUYER_FIELDS
from gateways.bookkeeping import BookkeepingError, Credentials, RemoteRelation
from models import Connection, Relation, WorkOrder
from services.dependencies import Dependencies
from services.link.merging import RELATIONS, as_kept, merge
from tenancy.clock import database_now, rows_and_clock
from tenancy.database import db


@dataclass(frozen=True)
class Customer:
    """The customer of an order as read before the press. `warm`: seen over there lately, so nobody asks. Once it was
    `asked`, `there` is who has the code, or None."""

    relation_id: UUID
    code: str
    warm: bool
    asked: bool = False
    there: RemoteRelation | None = None


def with_the_link(
    deps: Dependencies, order_id: UUID, since: datetime | None = None
) -> tuple[Connection, Customer | None]:
    """The link, and the customer whom the order's invoice is for, when it has one with a code. `since`: a bulk job
    began then, and asks once for each customer."""
    wanted: Any = select(Connection, Relation.id, Relation.code, Relation.seen_there_at)
    query = (
        wanted.select_from(Connection)
        .outerjoin(WorkOrder, WorkOrder.id == order_id)
        .outerjoin(Relation, Relation.id == WorkOrder.relation_id)
    )
    ((link, relation_id, code, seen_at, _clock),) = rows_and_clock(db.session(), query)
    if relation_id is None or not code:
        return link, None
    warm = rules.is_warm(seen_at, database_now(db.session()), deps.settings.times.customer_seen, since)
    return link, Customer(relation_id, code, warm)


def ask(deps: Dependencies, credentials: Credentials, who: Customer) -> Customer:
    """Look the customer up over there, unless it is warm. No transaction may be open. Raises BookkeepingError."""
    if who.warm:
        return who
    try:
        there = deps.bookkeeping.relation(credentials, who.code, within=deps.settings.times.customer_seconds)
    except BookkeepingError as error:
        if not error.code:  # their own words are explained; ours have to say what was asked
            error.why = note("posting.customer_not_asked", why=error.why)
        raise
    return replace(who, asked=True, there=there)


def judge(session: Session, row: Relation, there: RemoteRelation | None) -> Found:
    """Whom the code of our row leads to."""
    ours = RelationDetails(code=row.code or "", **{name: getattr(row, name) for name in LED_THERE})
    theirs = RelationDetails(code=there.code, **as_kept(RELATIONS, there)) if there else None
    found = rules.compare(ours, row.remote_id, theirs, there.remote_id if there else None)
    if found is Found.ADOPTED and there is not None:
        known = select(Relation.id).where(Relation.remote_id == there.remote_id, Relation.id != row.id)
        if session.scalars(known).first() is not None:
            return Found.ANOTHER  # the id is another customer's of ours
    return found


def said_of(row: Relation, found: Found, there: RemoteRelation | None) -> Message:
    """What there is to say of whom the code of our row, as it still stands, leads to; NOTHING when it is the customer
    as we know them."""
    if found not in rules.SAYS:
        return NOTHING
    named = {} if there is None else {"there": _named(there), "before": row.name}
    return note(rules.SAYS[found], code=row.code, **named)


def blocker(name: str, said: Message) -> Blocker:
    """What keeps back an invoice for the customer of this name whose code leads to somebody else, as `said_of` says."""
    code, there = said.values["code"], said.values["there"]
    what = note("blocked.code_of_another", code=code, name=name, there=there)
    if said.key == rules.ANOTHER:
        why = msg("Deze code is daar nu van een andere relatie; de factuur zou naar haar gaan. Haal de relaties op, of "
                  "herstel de code in e-Boekhouden.")  # fmt: skip
    else:
        why = msg("De namen verschillen, en Crafter weet nog niet welke relatie dit daar is. Open de relatie: haal "
                  "haar daar op met deze code, kies wie zij is, of geef haar de juiste code.")  # fmt: skip
    return Blocker("customer", what, why, "relation")


def follow(session: Session, link: Connection, row: Relation, found: Found, there: RemoteRelation | None) -> None:
    """Bring our locked order's customer in step with what was found by the locked link, and remember that it was seen.
    Inside the caller's write transaction."""
    if there is None:
        return
    now = database_now(session)
    if found.is_followed or _invoiced_otherwise(row, there):
        merge(session, RELATIONS, there, now, link.administration_number)
        session.refresh(row)
    remember(session, row.id, seen_there_at=now)


def _invoiced_otherwise(row: Relation, there: RemoteRelation) -> bool:
    """Whether what the law on VAT looks at stands otherwise over there than here."""
    theirs = as_kept(RELATIONS, there)
    return any(getattr(row, name) != theirs[name] for name in BUYER_FIELDS)


def remember(session: Session, relation_id: UUID, **moments: Any) -> None:
    """Write down when a customer was asked for. No form is told of this: nothing that it shows changed."""
    kept = update(Relation).where(Relation.id == relation_id).values(**moments, row_version=Relation.row_version)
    session.execute(kept.execution_options(synchronize_session=False))


def _named(there: RemoteRelation) -> str:
    kept = as_kept(RELATIONS, there)
    return ", ".join(part for part in (kept["name"], kept["city"]) if part)

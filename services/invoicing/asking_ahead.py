"""Asking ahead of a press, for the page of an order: whom the code of its customer leads to over there.

The same question as a press asks (customer.py), at most once in the time that an answer counts, whoever looks. What
came of it is written down with the customer, so that everybody sees it and a press that follows need not ask again.
No page waits for it, and the day's calls that are kept for invoices stay theirs.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import customer as rules
from domain import posting as states
from domain import work_order as order_rules
from domain.customer import Standing
from domain.message import Message, as_written
from domain.notes import note
from domain.permissions import Actor
from domain.preflight import Blocker
from gateways.bookkeeping import BookkeepingError, Credentials, RemoteRelation
from models import Relation, WorkOrder
from services.dependencies import Dependencies
from services.invoicing import customer
from services.invoicing.customer import Customer
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now

_SENDABLE = (None, states.REFUSED, states.NOT_SENT)


def may_follow(order: WorkOrder, posting_state: str | None) -> bool:
    """Whether a press may follow that sends the invoice of this order to whoever has its customer's code."""
    if order.not_billable_reason or order.relation is None or not order.relation.code:
        return False
    return order.state in {order_rules.DONE, order_rules.APPROVED} and posting_state in _SENDABLE


def known(deps: Dependencies, order: WorkOrder) -> Standing:
    """What is known lately of whom the code of the order's customer leads to, by our own clock. Reads nothing."""
    row = order.relation
    if row is None or not row.code:
        return Standing()
    return _standing(deps, row, datetime.now(UTC))


def kept_back(order: WorkOrder, there: Standing | None) -> tuple[Blocker, ...]:
    """The blocker of a customer whose code was lately found to lead to somebody else."""
    if there is None or order.relation is None or not there.keeps_back:
        return ()
    return (customer.blocker(order.relation.name, there.said),)


def ask(deps: Dependencies, actor: Actor, order_id: UUID, again: bool = False) -> None:
    """Ask whom the code of an order's customer leads to, unless that is known lately, and write down what came of it;
    `again`: a person wants to know it as it is now. Nothing without an active link, or when nothing can be sent."""
    link, who = customer.with_the_link(deps, order_id)
    credentials = connection.credentials(deps, link) if link.shown_state.is_active else None
    blocked, paused = link.behind_since is not None, connection.paused_until(link) is not None
    stop_reading()
    if who is None or credentials is None or blocked or not _is_mine(deps, who, again):
        return
    if paused:
        _write(who, note(rules.NOT_ASKED, code=who.code, why=note("call.paused")))
        return
    try:
        there = deps.bookkeeping.relation(
            credentials, who.code, within=deps.settings.times.customer_seconds, for_invoice=False
        )
    except BookkeepingError as error:
        connection.note_trouble(actor, credentials, error)
        why = as_written(error.text[:300]) or error.why
        _write(who, note(rules.NOT_ASKED, code=who.code, why=why))
    else:
        _write_found(credentials, who, there)


def _is_mine(deps: Dependencies, who: Customer, again: bool) -> bool:
    """Whether it falls to this page to ask: it is not known lately, and nobody is asking."""
    with write_transaction() as session:
        row = _locked(session, who)
        now = database_now(session)
        if row is None or not (again or _standing(deps, row, now).at is None):
            return False
        customer.remember(session, row.id, asked_there_at=now, asked_there=note(rules.ASKING, code=who.code))
        return True


def _standing(deps: Dependencies, row: Relation, now: datetime) -> Standing:
    within = deps.settings.times.customer_seen
    return rules.standing(row.code or "", row.asked_there_at, row.asked_there, row.seen_there_at, now, within)


def _locked(session: Session, who: Customer) -> Relation | None:
    """The customer, locked, when it still has the code that is asked about."""
    query = select(Relation).where(Relation.id == who.relation_id, Relation.code == who.code)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _write(who: Customer, said: Message) -> None:
    with write_transaction() as session:
        if _locked(session, who) is not None:
            customer.remember(session, who.relation_id, asked_there_at=database_now(session), asked_there=said)


def _write_found(credentials: Credentials, who: Customer, there: RemoteRelation | None) -> None:
    """Draw on what was found, as a press does, unless it may be of other books."""
    with suppress(connection.LinkChanged), write_transaction() as session:
        link = connection.still(session, credentials)
        row = _locked(session, who)
        if row is None:
            return
        found = customer.judge(session, row, there)
        said = customer.said_of(row, found, there)
        if found.keeps_back or there is None:
            customer.remember(session, row.id, seen_there_at=None)  # a press has to ask for itself
        else:
            customer.follow(session, link, row, found, there)
        customer.remember(session, row.id, asked_there_at=database_now(session), asked_there=said)

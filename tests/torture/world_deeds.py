"""What people and the worker do while the world around Crafter changes. Each function runs in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from sqlalchemy import select

from domain import posting as states
from domain.invoice import InvoiceDraft, RemoteInvoice
from domain.message import Refusal
from domain.outcome import Outcome
from domain.permissions import Actor
from models import InvoicePosting, WorkOrder
from services import heartbeat
from services.catalogue import connecting, relations
from services.company import tenants
from services.invoicing import conflicts, looking_back, missing, posting, press, recovery
from services.link import connection
from services.orders import attention
from services.transaction import stop_reading
from tenancy import run
from tenancy.database import db
from tenancy.unavailable import why_unavailable
from tests.support.clock import DatabaseClock
from tests.torture.stage import Lane

NO_DATABASE = "no database: "  # what a person is shown then, without a database


def press_once(lane: Lane, order_id: str, ahead: float = 0) -> str:
    """*Gecontroleerd*, else *Opnieuw versturen*; what the person is told of it. `ahead`: seconds that the clock is."""
    clock = DatabaseClock()
    clock.leap(timedelta(seconds=ahead))
    try:
        with lane.app.app_context(), clock.everywhere():
            actor = tenants.process(lane.slug, "Drukker")
            came = "refusal"
            for verb in (press.approve, press.send):
                try:
                    return verb(lane.deps, actor, UUID(order_id)).state
                except press.Blocked as blocked:
                    came = ",".join(one.key for one in blocked.blockers)
                except Refusal:
                    db.session.rollback()
            return came
    except Exception as error:
        with lane.app.app_context():
            why = why_unavailable(error)
        if why is None:
            raise
        return NO_DATABASE + why


def press_and_wait(lane: Lane, order_id: str, tell: int, go_on: int) -> str:
    """`press_once`, which stops with the answer of the bookkeeping in its hand: it tells so by one pipe, and goes on
    with what comes by the other. In a process of its own."""
    post = lane.deps.bookkeeping.post_invoice

    def post_and_wait(*args: Any, **kwargs: Any) -> Outcome:
        outcome = post(*args, **kwargs)
        os.write(tell, b".")
        os.read(go_on, 1)
        return outcome

    with mock.patch.object(lane.deps.bookkeeping, "post_invoice", post_and_wait):
        return press_once(lane, order_id)


def mark(lane: Lane) -> None:
    """As `flask restore` leaves it."""
    with lane.app.app_context():
        looking_back.expect_to_be_behind()


def begin(lane: Lane) -> None:
    """A portal begins on the database: the first sign of a process, whoever else is there."""
    with lane.app.app_context():
        run.join(db.engine)
        assert heartbeat.beat(heartbeat.PORTAL, uuid4())


def know_customer(lane: Lane, code: str) -> None:
    """The other administration knows the lane's customer by this code too, and nobody else by it."""
    (here,) = [one for one in lane.sandbox.relations(lane.administration) if one["Code"] == code]
    lane.sandbox.relations(lane.other, {"remove": [code]})
    lane.sandbox.relations(lane.other, {"add": [{"Code": code, "Bedrijf": here["Bedrijf"]}]})


def link(lane: Lane, administration: str) -> None:
    """The owner links that administration."""
    with lane.app.app_context():
        actor = tenants.process(lane.slug, "Kantoor")
        given = lane.sandbox.credentials(administration)
        connection.save_credentials(lane.deps, actor, given["username"], given["code1"], given["code2"])
        started = connecting.start(lane.deps, actor)
        assert started.ok, started


def sync(lane: Lane) -> None:
    """Read the relations."""
    with lane.app.app_context():
        relations.sync(lane.deps, tenants.process(lane.slug, "Kantoor"))


def told(lane: Lane) -> dict[str, Any]:
    """What a person sees: whether our data are behind, and the orders that stand in *Aandacht nodig*."""
    with lane.app.app_context():
        actor = tenants.process(lane.slug, "Kantoor")
        link = connection.present()
        behind = link.shown_behind_since is not None or link.look_back_since is not None
        return {"behind": behind, "orders": [item.order.number for item in attention.told_items(actor)]}


def stand(lane: Lane, order_ids: Iterable[str]) -> dict[str, Any]:
    """How these orders stand on our side, by id; those that are not here are left out."""
    with lane.app.app_context():
        tenants.process(lane.slug, "Kijker")
        session, here = db.session(), connection.present().administration_number
        rows = {}
        for order in session.scalars(select(WorkOrder).where(WorkOrder.id.in_([UUID(one) for one in order_ids]))):
            row = press.present_posting(order.id)
            rows[str(order.id)] = {
                "order": order.number,
                "approved": order.state == "approved",
                "state": row.state if row else "",
                "number": (row.remote_number or row.number) if row else "",
                "here": row is None or row.administration == here,
                "read_back": row is not None and row.remote_incl is not None,
                "why": f"{row.code} {row.text} {row.why} {row.note}" if row else "",
            }
        return rows


def work_on(lane: Lane, order_ids: list[str], of_no_order: list[str]) -> int:
    """A round of the worker, and then everything that people can decide; how often somebody pressed. `of_no_order`: the
    prices of invoices whose orders got lost."""
    with lane.app.app_context():
        actor = tenants.process(lane.slug, "Kantoor")
        recovery.recover_all(lane.deps, actor)
        db.session.rollback()
        with suppress(Refusal):
            _say_whose(lane, actor, of_no_order)
        db.session.rollback()
        return sum(_decide(lane, actor, UUID(order_id)) for order_id in order_ids)


def _say_whose(lane: Lane, actor: Actor, of_no_order: list[str]) -> None:
    if not looking_back.is_behind():
        return
    looking_back.look_again(lane.deps, actor)
    for one in looking_back.seen(lane.deps, actor).open:
        if _price(one.theirs) in of_no_order:
            looking_back.is_not_ours(lane.deps, actor, one.number, "bon bestaat niet meer")
        else:
            looking_back.is_ours(lane.deps, actor, one.number, one.named)


def _decide(lane: Lane, actor: Actor, order_id: UUID) -> int:
    """What a person does about an order, having read its page; how often that was a press."""
    db.session.rollback()
    row = press.present_posting(order_id)
    state, posting_id = (row.state, row.id) if row else ("", None)
    deeds: dict[str, Callable[[], object]] = {
        states.GONE: lambda: missing.send_again(lane.deps, actor, order_id),
        states.CONFLICT: lambda: _settle_conflict(lane, actor, order_id),
    }
    if state == states.POSTED and posting_id:
        missing.read_back(lane.deps, actor, posting_id)
        return 0
    with suppress(Refusal, press.Blocked):
        if state in deeds:
            deeds[state]()
            return 1
    db.session.rollback()
    if state in {"", *states.MAY_SEND_AGAIN}:
        for verb in (press.approve, press.send):
            with suppress(Refusal, press.Blocked):
                verb(lane.deps, actor, order_id)
                return 1
            db.session.rollback()
        return 1
    return 0


def _settle_conflict(lane: Lane, actor: Actor, order_id: UUID) -> None:
    """A person sees both sides, and knows the price of the work."""
    row: InvoicePosting | None = press.present_posting(order_id)
    credentials = connection.active_credentials(lane.deps)
    assert row is not None
    assert credentials is not None
    ours = posting.thawed(lane.deps, row)
    stop_reading()
    theirs = lane.deps.bookkeeping.find_invoice(credentials, ours.number)
    if theirs is not None and _price(theirs) == _price(ours):
        conflicts.accept(actor, order_id)
    else:
        conflicts.take_next_number(lane.deps, actor, order_id)


def _price(invoice: InvoiceDraft | RemoteInvoice) -> str:
    return f"{invoice.lines[0].price:.2f}" if invoice.lines else ""

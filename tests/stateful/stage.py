"""The real services, a database and a real sandbox as one stage; only the clock is ours. And what must hold on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest import mock
from uuid import UUID

from sqlalchemy import create_engine, select, text

from app import create_app
from domain import billing
from domain import posting as states
from domain.message import Refusal
from domain.permissions import Actor
from gateways.eboekhouden.calls import Times as CallTimes
from gateways.eboekhouden.client import EBoekhouden
from gateways.eboekhouden.guards import Breakers
from models import InvoiceNumber, InvoicePosting, NumberSeries, PostingAttempt, WorkOrder
from services.company import tenants
from services.invoicing import press as invoicing
from services.invoicing import recovery
from services.link import connection
from services.orders import attention, work_orders
from services.transaction import no_transaction_open
from settings import Settings, Times
from tenancy import clock
from tenancy.database import db
from tests.support.cast import line, make_order, process
from tests.support.clock import DatabaseClock
from tests.support.sandbox_process import Sandbox
from tests.support.waiting import until

# The design's own lease and window: our clock makes them pass. Only the time-outs are short, for those are waited for.
TIMES = Times(
    connect_seconds=2, post_seconds=3, read_seconds=5, lease=timedelta(seconds=60), customer_seen=timedelta(days=365)
)


class Dies(BaseException):
    """The process dies here: nothing after this point happens."""


class Stage:
    """One tenant (Vos), one play bookkeeping, and a clock that can be put forward."""

    def __init__(self, settings: Settings, template: SimpleNamespace, sandbox: Sandbox) -> None:
        self.sandbox, self._template = sandbox, template
        self._url = settings.database_url
        self._passed = 0.0
        times = settings.times
        self.app = create_app(
            settings,
            lambda settings: EBoekhouden(
                settings.eboekhouden_url,
                times=CallTimes(times.connect_seconds, times.post_seconds, times.read_seconds, times.list_seconds),
                before_call=no_transaction_open,
                breakers=Breakers(clock=lambda: time.monotonic() + self._passed),  # its rest passes with our clock
            ),
        )
        self.deps = self.app.extensions["crafter"]
        self.tenant_id = template.vos.tenant_id
        self._clock = DatabaseClock()
        self.orders: dict[UUID, str] = {}
        self._prices = 0

    @contextmanager
    def open(self) -> Iterator[Stage]:
        """Inside the app, with our clock in the place of the database's own in every module that asks it."""
        with self._clock.everywhere(), self.app.app_context():
            try:
                yield self
            finally:
                tenants.leave()
                db.engine.dispose()
                self.deps.bookkeeping.close()

    def begin(self, used_numbers: str = "refuse") -> None:
        """A fresh database, fresh books, the right time."""
        tenants.leave()
        db.engine.dispose()
        self._template.original.renew(self._url)
        self.deps.bookkeeping.forget(self.tenant_id)
        self.sandbox.reset("demo")
        self.sandbox.switches("demo", used_number=used_numbers)
        self.leap(1000)  # whatever was resting or broken before, it is long ago
        self._clock.ahead = timedelta(0)
        self.orders, self._prices = {}, 0
        self.actor: Actor = process("vos")

    def change_tables(self, statement: str) -> None:
        """Change the database's tables, as who may."""
        engine = create_engine(self._template.original.as_owner(self._url))
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    # -- what people do ----------------------------------------------------------------------------------

    def price(self) -> Decimal:
        """A price that no order had before: the content tells the invoices apart."""
        self._prices += 1
        return Decimal(100 + self._prices)

    def new_order(self) -> UUID:
        """An executed order."""
        lines = (line(price=self.price()),)
        order_id = make_order(self.actor, self._template.vos.relation_id, lines=lines)
        self.orders[order_id] = self.order(order_id).number
        return order_id

    def order(self, order_id: UUID) -> WorkOrder:
        """An order as it stands now."""
        db.session.rollback()
        found = work_orders.get(self.actor, order_id)
        assert found is not None
        return found

    def edit(self, order_id: UUID) -> None:
        """Another price. Raises Refusal."""
        order = self.order(order_id)
        given = work_orders.OrderInput(
            title="Anders",
            relation_id=order.relation_id,
            executed_on=order.executed_on,
            lines=(line(price=self.price()),),
        )
        work_orders.edit(self.actor, order_id, given)

    def press(self, order_id: UUID) -> str:
        """Gecontroleerd, or Versturen once it is that. The posting's state, or why not."""
        press = invoicing.send if self.order(order_id).state == "approved" else invoicing.approve
        try:
            return press(self.deps, self.actor, order_id).state
        except (Refusal, invoicing.Blocked) as why:
            return type(why).__name__

    def press_together(self, order_ids: list[UUID]) -> str:
        """Gecontroleerd for several orders on one invoice. The posting's state, or why not."""
        seen = {order_id: self.order(order_id).version for order_id in order_ids}
        try:
            return invoicing.approve_together(self.deps, self.actor, seen).state
        except (Refusal, invoicing.Blocked) as why:
            return type(why).__name__

    def press_at_once(self, order_id: UUID, pressers: int = 2) -> None:
        """Several people press Gecontroleerd on one order at the same moment."""
        db.session.rollback()
        barrier = threading.Barrier(pressers)

        def press() -> None:
            with self.app.app_context():
                actor = process("vos")
                barrier.wait()
                try:
                    invoicing.approve(self.deps, actor, order_id)
                except (Refusal, invoicing.Blocked):
                    pass
                finally:
                    tenants.leave()

        threads = [threading.Thread(target=press) for _ in range(pressers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def press_and_die(self, order_id: UUID, where: str) -> None:
        """A press whose process dies: `carry_out` is after transaction 1, `settle` is before transaction 2."""
        with mock.patch(f"services.invoicing.posting.{where}", side_effect=Dies):
            try:
                self.press(order_id)
            except Dies:
                db.session.rollback()

    def forget_session(self) -> None:
        """The next call has to open a session first."""
        db.session.rollback()
        self.deps.bookkeeping.forget(self.tenant_id)

    def posting(self, order_id: UUID) -> InvoicePosting | None:
        """The order's live posting as it stands now."""
        db.session.rollback()
        return invoicing.present_posting(order_id)

    # -- time --------------------------------------------------------------------------------------------

    def leap(self, seconds: float) -> None:
        """The clock leaps; nothing else moves."""
        self._clock.leap(timedelta(seconds=seconds))
        self._passed += seconds

    def wait(self, seconds: float) -> None:
        """Time passes: what the bookkeeping still had to do, it has done by then."""
        late = ("late_act", "reset_during")
        self.sandbox.act_now()
        until(lambda: all(call["acted"] for call in self.sandbox.calls("demo") if call["mischief"] in late))
        self.leap(seconds)

    def worker(self) -> None:
        """The worker's minute: recovery. Raises AssertionError when a posting stays in sending past its lease."""
        db.session.rollback()
        began: datetime = clock.database_now(db.session())
        recovery.recover_all(self.deps, self.actor)
        db.session.rollback()
        late = select(InvoicePosting).where(InvoicePosting.state == states.SENDING, InvoicePosting.lease_until < began)
        assert db.session.scalars(late).all() == [], "older than its lease in sending after a worker run"

    def settle(self) -> None:
        """No more mischief, the link on, time and the worker do the rest."""
        self.sandbox.clear_mischief("demo")
        connection.switch_feature(self.actor, True)
        for _ in range(4):
            self.wait(400)
            self.worker()
            if not recovery.unsettled():
                break

    # -- what must hold ----------------------------------------------------------------------------------

    def doubled(self) -> list[str]:
        """Orders with more than one invoice: never, at any moment."""
        return [f"{number} has {len(found)} invoices" for number, found in self._invoices().items() if len(found) > 1]

    def wrong(self) -> list[str]:
        """Everything that is wrong once all has settled, in words."""
        db.session.rollback()
        invoices = self._invoices()
        items = attention.items()
        shown = {item.order.id for item in items} | {item.posting_id for item in items}
        found = self.doubled()
        for order_id, number in self.orders.items():
            order, posting = self.order(order_id), invoicing.present_posting(order_id)
            there = invoices[number]
            state = posting.state if posting else ""
            if state == states.POSTED:
                found += _differs(order, posting, there)
            elif there and state != states.CONFLICT:
                found.append(f"{number} is {state or 'not posted'} here, but there is an invoice")
            elif order.state == "approved":
                if not shown & {order_id, posting.id if posting else order_id}:
                    found.append(f"{number} has no invoice and nobody is told")
                elif posting is not None and not (posting.code or posting.text or posting.why or posting.note):
                    found.append(f"{number} is {state} without a reason")
            billed = {"": billing.NONE, states.POSTED: billing.BILLED}.get(state, billing.COLLECTING)
            if order.billing != billed:
                found.append(f"{number} is told to be {order.billing}, and its posting is {state or 'not there'}")
            if posting is not None and state in {states.SENDING, states.UNCERTAIN}:
                tried = select(PostingAttempt).where(PostingAttempt.posting_id == posting.id)
                tries = [f"{one.kind} {one.outcome} {one.why}" for one in db.session.scalars(tried)]
                found.append(f"{number} is stuck in {state}: {tries}")
        return found + self._wrong_numbers()

    def _invoices(self) -> dict[str, list[dict[str, Any]]]:
        """What the books hold of each order, told by the first line of the invoice, or by its headings."""
        found: dict[str, list[dict[str, Any]]] = {number: [] for number in self.orders.values()}
        for invoice in self.sandbox.invoices("demo"):
            for number in found.keys() & _by_order(invoice).keys():
                found[number].append(invoice)
        return found

    def _wrong_numbers(self) -> list[str]:
        """Every number issued is in exactly one of its five places, and no number is missing."""
        wrong = []
        issued = list(db.session.scalars(select(InvoiceNumber).order_by(InvoiceNumber.serial)))
        live: dict[str, str] = {}
        for row in db.session.scalars(select(InvoicePosting).where(InvoicePosting.state != states.ABANDONED)):
            if row.number in live:
                wrong.append(f"{row.number} belongs to two postings")
            live[row.number] = row.state
        for number in issued:
            state = live.pop(number.number, None)
            held = states.NUMBER_POSTED if state == states.POSTED else states.HELD
            right = {held} if state else {states.FREE, states.TAKEN, states.VOID}
            if number.state not in right:
                wrong.append(f"{number.number} is {number.state}, its posting is {state}")
            if number.state in {states.VOID, states.TAKEN} and not number.reason:
                wrong.append(f"{number.number} is {number.state} without a reason")
        wrong += [f"{number} was never issued" for number in live]
        for series in db.session.scalars(select(NumberSeries).where(NumberSeries.kind == "invoice")):
            mine = [row.serial for row in issued if (row.prefix, row.year) == (series.prefix, series.year)]
            if mine != list(range(1, series.next)):
                wrong.append(f"the series of {series.year} has a gap or a double")
        return wrong


def _by_order(invoice: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The lines of an invoice over there by the number of their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    mine: list[dict[str, Any]] = []
    for place, row in enumerate(invoice["Regels"]):
        words, heading = row["Omschrijving"].split(), row["Omschrijving"].endswith(":")
        if words[0] == "Werkbon" and (heading or not place):
            mine = found.setdefault(words[1].rstrip(","), [])
        if not heading:
            mine.append(row)
    return found


_THEIR_VAT = {"high": "HOOG_VERK_21"}


def _differs(order: WorkOrder, posting: InvoicePosting | None, there: list[dict[str, Any]]) -> list[str]:
    if len(there) != 1 or posting is None:
        return [f"{order.number} is posted, but there are {len(there)} invoices"]
    lines = _by_order(there[0])[order.number]
    sent = [(Decimal(one["PrijsPerEenheid"]), Decimal(one["Aantal"]), one["BTWCode"]) for one in lines]
    ours = [(one.price, one.quantity, _THEIR_VAT[one.vat_code]) for one in order.lines]
    if (there[0]["Factuurnummer"], there[0]["Relatiecode"], sent) != (posting.number, "1001", ours):
        return [f"{order.number} is posted, but its invoice differs: {sent}, {ours}"]
    return []

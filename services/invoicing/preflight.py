"""Looking before leaping: which invoice an order would become, and what blocks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, joinedload

from domain import collective, preflight, terms
from domain import posting as states
from domain.chain_liability import WagePart
from domain.invoice import InvoiceLine
from domain.link import LinkState
from domain.preflight import Blocker, Candidate
from domain.vat import Totals, add_up
from domain.vat_regime import Applied, code_of
from models import Connection, InvoicePosting, LineDefault, WorkOrder, WorkOrderLine, load_lists
from services.dependencies import Dependencies
from services.invoicing import agreed, numbers, renumbering
from tenancy.clock import today
from tenancy.database import db

_LENT = joinedload(WorkOrderLine.default)  # what the kind of a line lends it


@dataclass(frozen=True)
class Preview:
    """What pre-flight shows."""

    link: LinkState
    administration: str
    number: str
    on: date
    term_days: int
    template: str
    relation_name: str
    relation_code: str
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    regime: Applied
    wage_part: WagePart | None
    g_account: str
    blockers: tuple[Blocker, ...]

    @property
    def is_credit(self) -> bool:
        """Whether the customer is owed money by it."""
        return self.totals.incl < 0


def load_lines(session: Session, orders: Sequence[WorkOrder]) -> Sequence[WorkOrder]:
    """These orders with their lines, and with each line what its kind lends it: what `candidate` wants."""
    return load_lists(session, orders, WorkOrder.lines, _LENT)


def candidate(order: WorkOrder, link: Connection, on: date, n: int = 0) -> Candidate:
    """The order as it would be invoiced on this day, all that is left of it; or `n`: this term of it, before the last.
    Line kinds lend their default code and ledger account. Raises LookupError for a term of an order without."""
    if not n:
        return candidates([order], link, on)[0]
    plan = agreed.plan_of(order)
    if plan is None:
        raise LookupError(n)
    return terms.candidate_of(_candidate(order, link, on), plan, n)


def candidates(orders: Sequence[WorkOrder], link: Connection, on: date) -> list[Candidate]:
    """Each of these orders as it would be invoiced on this day, less the terms of it that stand over there."""
    billed = agreed.billed(orders)
    return [terms.rest_of(_candidate(order, link, on), billed.get(order.id, ())) for order in orders]


def _candidate(order: WorkOrder, link: Connection, on: date) -> Candidate:
    lines, regime = [], order.regime.regime
    for line in order.lines:
        default = line.default
        vat_code = code_of(regime, line.vat_code, line.kind)  # never a default: a person chose it, or it blocks
        lines.append(
            InvoiceLine(
                code=line.code or (default.code if default else ""),
                description=line.description,
                quantity=line.quantity,
                unit=line.unit,
                price=line.price,
                vat_code=vat_code,
                ledger_code=line.ledger_code or (default.ledger_code if default else ""),
            )
        )
    place, customer = order.location, order.relation
    return Candidate(
        order_number=order.number,
        relation_name=customer.name if customer else None,
        relation_code=customer.code if customer else None,
        executed_on=order.executed_on,
        executed_from=order.executed_from,
        invoice_on=order.invoice_on,
        today=on,
        location=", ".join(part for part in (place.address, place.city) if part) if place else "",
        template=link.template,
        term_days=link.term_days,
        lines=tuple(lines),
        connection_broken=link.shown_state.is_broken,
        behind=link.behind_since is not None,
        settings_wait=link.settings_wait,
        customer_is_company=customer.is_company if customer else True,
        customer_vat_number=customer.vat_number if customer else "",
        customer_country=customer.country if customer else "",
        customer_order_number=order.customer_order_number,
        asks_order_number=customer.asks_order_number if customer else False,
        regime=regime,
        wage_part=order.wages,
        g_account=order.company.g_account,
    )


def line_defaults() -> dict[str, LineDefault]:
    """The invoice settings per kind of line."""
    return {row.kind: row for row in db.session.scalars(select(LineDefault))}


def preview(deps: Dependencies, order: WorkOrder, earlier: InvoicePosting | None = None, n: int = 0) -> Preview:
    """Pre-flight of one order, or of its term `n` before the last; `earlier`: the live posting of that, which can go
    out again. Reads only."""
    session = db.session()
    link = session.scalars(select(Connection)).one()
    if "lines" in inspect(order).unloaded:
        load_lines(session, [order])
    ours = candidate(order, link, today(session), n)
    on = collective.dated([ours])
    if earlier is None or not states.belongs_in(earlier.administration, link.administration_number):
        number = numbers.peek_invoice_number(session, on, link.administration_number)
    else:
        number, on = renumbering.would_be(session, deps, earlier, on)
    return Preview(
        link=link.shown_state,
        administration=link.administration,
        number=number,
        on=on,
        term_days=link.term_days,
        template=link.template,
        relation_name=ours.relation_name or "",
        relation_code=ours.relation_code or "",
        lines=preflight.draft(ours, "", on).lines if ours.lines else (),
        totals=add_up((line.vat_code, line.total) for line in ours.lines),
        regime=order.regime,
        wage_part=ours.wage_part,
        g_account=ours.g_account,
        blockers=preflight.blockers(ours, deps.bookkeeping.limits),
    )

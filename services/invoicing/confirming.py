"""A yes to a question about an order's invoice: kept on the order with what it was said of (of a dwelling with its
work site, where it has one), and told in the trail."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from domain import questions
from domain.dwelling import Declaration
from domain.permissions import Actor
from domain.preflight import Candidate
from domain.questions import DAY, DWELLING, TOTAL, Question, Sure
from domain.vat import add_up
from models import Connection, WorkOrder
from oversight.audit_trail import record
from tenancy.clock import today

_COLUMNS = {DAY: "sure_of_day", TOTAL: "sure_of_total"}


def sure_of(order: WorkOrder) -> Sure:
    """What somebody said yes to about this order."""
    return Sure(order.sure_of_day, order.sure_of_total)


def asked(order: WorkOrder, link: Connection, on: date, ours: Candidate) -> tuple[Question, ...]:
    """What is to be asked before an invoice of this order, which is `ours`, goes out on this day."""
    total = add_up((line.vat_code, line.total) for line in ours.lines).incl
    if ours.term:
        found = questions.asked(None, on, total, Sure(), link.ask_above)
    else:
        found = questions.asked(order.executed_on, on, total, sure_of(order), link.ask_above)
        beyond = questions.about_agreed(order.total_excl, order.agreed_excl)
        found = (*found, beyond) if beyond else found
    return (*found, _about_dwelling(order)) if order.asks_dwelling and order.declared is None else found


def _about_dwelling(order: WorkOrder) -> Question:
    at = order.location or order.relation
    if at is None:
        return questions.about_dwelling(None, order.title, kept=False)  # pre-flight wants a customer first
    address = ", ".join(part for part in (at.address, at.city) if part)
    return questions.about_dwelling(at.id, address or at.name, kept=order.location is not None)


def keep(session: Session, actor: Actor, order: WorkOrder, question: Question, of_term: bool = False) -> None:
    """Keep a yes on a locked order; one about a dwelling is a declaration of today. What is said of a term before the
    last, or of what was agreed, only the trail keeps."""
    if question.subject == DWELLING:
        _declare(session, actor, order)
    elif question.subject in _COLUMNS and not of_term:
        setattr(order, _COLUMNS[question.subject], question.value)
    tell(session, actor, order, question)


def tell(session: Session, actor: Actor, order: WorkOrder, question: Question) -> None:
    """Tell the trail of a yes."""
    record(session, actor, "work_order.confirmed", "work_order", order.id, order.number, what=question.what)


def _declare(session: Session, actor: Actor, order: WorkOrder) -> None:
    """Keep it where it is asked for next time."""
    found, site = Declaration(today(session), actor.person_name[:100]), order.location
    if site is None:
        order.keep_declaration(found)
        return
    site.keep_declaration(found)
    customer = order.relation.name if order.relation else ""
    told = {"name": site.called, "by": found.by, "day": found.on}
    record(session, actor, "location.dwelling_declared", "relation", site.relation_id, customer, **told)


def remember(order: WorkOrder) -> None:
    """What the invoice of a locked order goes out under stays with it, whatever becomes of the work site's."""
    if order.asks_dwelling:
        order.keep_declaration(order.declared)

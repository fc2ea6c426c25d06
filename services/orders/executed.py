"""The day on which work was done, as it comes in by a form or with the step that finishes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from domain import invoice_date, questions
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from domain.questions import Doubt, Question
from models import WorkOrder
from services.invoicing import confirming
from tenancy.clock import today
from tenancy.database import db


def check(session: Session, order: WorkOrder, day: date | None, yes: Collection[str]) -> Question | None:
    """The day of execution is not one to come, and one of long ago is confirmed: the question that was said yes to.
    Raises Refusal, and Doubt to ask it."""
    on = today(session)
    if day is not None and questions.is_to_come(day, on):
        text = N_("Deze dag moet nog komen. Vul in wanneer het werk is gedaan, of gebruik Gepland op.")
        raise Refusal(msg(text), "executed_on")
    if day is None or day == order.executed_on:
        return None
    question = questions.about_day(day, on)
    if question is not None and question.answer not in yes:
        raise Doubt(question, "executed_on")
    return question


def check_first(session: Session, first: date | None, last: date | None) -> None:
    """The first day of work that took more than one is not after the last, nor more than a year before it. Raises
    Refusal."""
    if first is None:
        return
    if questions.is_to_come(first, today(session)):
        raise Refusal(msg("Deze dag moet nog komen. Vul in wanneer het werk begon."), "executed_from")
    if last is None:
        return
    if first > last:
        raise Refusal(msg("De eerste dag ligt na de dag waarop het werk klaar was."), "executed_from")
    if first < questions.a_year_before(last):
        raise Refusal(msg("Dat is meer dan een jaar eerder. Kijk of het jaar klopt."), "executed_from")


def check_invoice_date(session: Session, chosen: date, executed_on: date | None) -> None:
    """A date that is chosen for the invoice can be one. Raises Refusal."""
    why = invoice_date.why_not(chosen, executed_on, today(session))
    if why is not None:
        raise Refusal(why, "invoice_on")


def finished(session: Session, actor: Actor, order: WorkOrder, day: date | None, yes: Collection[str]) -> None:
    """The work of a locked order is done: on the day that was filled in, else today. Raises WhenDone when today says
    too little, and what `check` raises."""
    if day is not None:
        confirmed = check(session, order, day, yes)
        _not_before_it_began(order, day)
        order.executed_on = day
        if confirmed:
            confirming.keep(session, actor, order, confirmed)
        return
    on = today(session)
    planned = questions.planned_before(order.planned_on, order.executed_on, on)
    if planned is not None:
        raise questions.WhenDone(planned)
    if order.executed_on is None or questions.is_to_come(order.executed_on, on):
        order.executed_on = on


def _not_before_it_began(order: WorkOrder, day: date) -> None:
    if order.executed_from is not None and day < order.executed_from:
        text = N_("Op de werkbon staat dat het werk begon op %(day)s. Kijk welke van de twee klopt.")
        raise Refusal(msg(text, day=order.executed_from), "executed_on")


def to_ask(order: WorkOrder) -> date | None:
    """The day that this order was planned for, when finishing it now asks when it was done; else None."""
    return questions.planned_before(order.planned_on, order.executed_on, today(db.session))

"""An invoice that goes out again as it was frozen names its customer by the code of then. Whose that is by now is asked
before, as a press asks it (customer.py): what would go to somebody else is not sent."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import customer as rules
from domain.message import NOTHING, Message, Refusal, msg
from domain.notes import note
from domain.permissions import Actor
from gateways.bookkeeping import BookkeepingError, Credentials
from models import Connection, InvoicePosting, Relation, WorkOrder
from services.dependencies import Dependencies
from services.invoicing import customer
from services.invoicing.customer import Customer
from services.link import connection
from services.transaction import stop_reading
from tenancy.clock import database_now
from tenancy.database import db


def whose(
    deps: Dependencies, actor: Actor | str, credentials: Credentials, posting_id: UUID, code: str
) -> Customer | None:
    """The customer of a posting that names it by this code, looked up over there by that code unless it was seen under
    it lately; None when there is none any more. Raises BookkeepingError. Ends the reading transaction."""
    query = select(Relation.id, Relation.code, Relation.seen_there_at).select_from(InvoicePosting)
    query = query.join(InvoicePosting.orders).join(Relation, Relation.id == WorkOrder.relation_id)
    found = db.session.execute(query.where(InvoicePosting.id == posting_id).limit(1)).one_or_none()
    now = database_now(db.session())
    stop_reading()
    if found is None:
        return None
    lately = rules.is_warm(found.seen_there_at, now, deps.settings.times.customer_seen)
    try:
        return customer.ask(deps, credentials, Customer(found.id, code, warm=lately and found.code == code))
    except BookkeepingError as error:
        connection.note_trouble(actor, credentials, error)
        raise


def kept_back(session: Session, link: Connection, who: Customer | None) -> Message:
    """Why the same bytes may not go out: their code is somebody else's. NOTHING when they may; then the customer is
    brought in step with what was found. For who locked the link, the order and the posting."""
    if who is None or not who.asked:
        return NOTHING
    row = session.scalars(select(Relation).where(Relation.id == who.relation_id)).one_or_none()
    if row is None:
        return NOTHING
    found = customer.judge(session, row, who.there)
    if found.keeps_back and who.there is not None:
        values = customer.said_of(row, found, who.there).values
        return note("posting.not_the_same_bytes", code=who.code, there=values["there"], name=row.name)
    customer.follow(session, link, row, found, who.there)
    return NOTHING


def refuse_when_kept_back(session: Session, link: Connection, who: Customer | None, is_credit: bool = False) -> None:
    """`kept_back`, for what a person asked for. Raises Refusal."""
    said = kept_back(session, link, who)
    if said and is_credit:  # it goes to whom its invoice went, so that another code is no way out
        raise Refusal(
            msg(
                "Niet gecrediteerd: %(why)s. Herstel de code in e-Boekhouden en probeer het opnieuw, of maak de "
                "creditfactuur daar.",
                why=said,
            )
        )
    if said:
        raise Refusal(
            msg(
                "Niet verstuurd: %(why)s. Herstel de code in e-Boekhouden, of laat deze plaatsing vervallen met de "
                "reden; daarna plaatst u de bon opnieuw, met de code die de klant nu heeft.",
                why=said,
            )
        )


def not_asked(error: BookkeepingError) -> Refusal:
    """What a person is told when nobody could say whose the code is."""
    return Refusal(msg("Er is niets verstuurd: %(why)s. Probeer het zo opnieuw.", why=error.why))

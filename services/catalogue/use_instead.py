"""A customer made here turns out to be one that is there already: its work becomes that one's, and it goes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import billing
from domain.message import Refusal, msg
from domain.permissions import Actor
from models import Location, Relation, WorkOrder
from oversight.audit_trail import record
from services.catalogue.relations import locked
from services.transaction import write_transaction
from tenancy.clock import database_now


def use_instead(actor: Actor, relation_id: UUID, other_id: UUID) -> int:
    """A person says: this customer, made here, is that one. Its work orders, work sites and notes become the other's;
    how many orders. Raises LookupError, or Refusal; then nothing changed."""
    with write_transaction() as session:
        # the orders first, as a press locks them
        mine = select(WorkOrder.id).where(WorkOrder.relation_id == relation_id).order_by(WorkOrder.id)
        session.scalars(mine.with_for_update()).all()
        pair = {one: locked(session, one) for one in sorted({relation_id, other_id})}
        row, other = pair[relation_id], pair[other_id]
        _refuse(session, row, other)
        moved = update(WorkOrder).where(WorkOrder.relation_id == row.id)
        result = session.execute(
            moved.values(relation_id=other.id, version=WorkOrder.version + 1, changed_at=database_now(session)),
            execution_options={"synchronize_session": False},
        )
        session.execute(
            update(Location).where(Location.relation_id == row.id).values(relation_id=other.id),
            execution_options={"synchronize_session": False},
        )
        if row.notes and row.notes not in other.notes:
            other.notes = f"{other.notes}\n{row.notes}".strip()
        count = int(getattr(result, "rowcount", 0))
        record(session, actor, "relation.same_as", "relation", other.id, other.name, name=row.name, count=count)
        session.delete(row)
        return count


def _refuse(session: Session, row: Relation, other: Relation) -> None:
    if row is other:
        raise LookupError(other.id)
    if row.remote_id is not None:
        raise Refusal(msg("Deze relatie staat in e-Boekhouden. Crafter voegt daar geen relaties samen."))
    if row.sent_as:
        raise Refusal(
            msg(
                "Van deze relatie is niet zeker of zij in e-Boekhouden al is aangemaakt. Druk eerst nog eens op "
                "Aanmaken in e-Boekhouden: staat zij daar, dan wordt zij herkend."
            )
        )
    if other.vanished_at is not None:
        raise Refusal(msg("%(name)s staat niet meer in e-Boekhouden. Kies een andere relatie.", name=other.name))
    billed = select(WorkOrder.number).where(WorkOrder.relation_id == row.id, WorkOrder.billing != billing.NONE)
    number = session.scalar(billed.limit(1))
    if number is not None:
        raise Refusal(
            msg(
                "Werkbon %(number)s heeft al een factuur op naam van deze relatie. Laat die eerst vervallen, of laat "
                "de relatie zoals zij is.",
                number=number,
            )
        )

"""A customer of ours turns out to be one that is there already: its work becomes that one's, and it goes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain import posting as states
from domain import same_customer
from domain.chain_liability import Agreed
from domain.message import Refusal, msg
from domain.permissions import Actor
from models import InvoicePosting, Location, Payment, Relation, WorkOrder
from oversight.audit_trail import record
from services.catalogue.relations import locked
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import database_now

# Of these it is not known what is over there under the code of the customer, or a person still has to decide.
_OPEN = (states.SENDING, states.UNCERTAIN, states.CONFLICT, states.GONE)


class NotSure(Refusal):
    """They are not as alike as they were when somebody looked."""


def use_instead(actor: Actor, relation_id: UUID, other_id: UUID, sure: bool = False) -> int:
    """A person says: this customer, which has no id in the bookkeeping, is that one. Its work orders, work sites and
    notes become the other's, and its code where that one has none; how many orders. Invoices stay as they went out.
    `sure`: nobody said so, it goes by what is kept of both. Raises LookupError when it is not there, or Refusal; then
    nothing changed."""
    with write_transaction() as session:
        # The link, the orders, the customers, as everywhere: a reading, a press and whoever takes a code wait for us,
        # or we for them.
        connection.locked(session)
        mine = select(WorkOrder.id).where(WorkOrder.relation_id == relation_id).order_by(WorkOrder.id)
        orders = session.scalars(mine.with_for_update()).all()
        row, other = _both(session, relation_id, other_id)
        _refuse(session, row, other)
        if sure and (other.remote_id is None or not same_customer.surely(row, other)):
            raise NotSure(msg("Deze relaties zijn intussen gewijzigd. Kijk opnieuw."))
        if session.scalar(select(func.count()).select_from(mine.order_by(None).subquery())) != len(orders):
            raise Refusal(msg("Zojuist kwam er een werkbon van deze relatie bij. Druk nog eens op Neem deze."))
        moved = update(WorkOrder).where(WorkOrder.relation_id == row.id)
        result = session.execute(
            moved.values(relation_id=other.id, version=WorkOrder.version + 1, changed_at=database_now(session)),
            execution_options={"synchronize_session": False},
        )
        session.execute(
            update(Location).where(Location.relation_id == row.id).values(relation_id=other.id),
            execution_options={"synchronize_session": False},
        )
        session.execute(
            update(Payment).where(Payment.relation_id == row.id).values(relation_id=other.id),
            execution_options={"synchronize_session": False},
        )
        if row.notes and f"\n{row.notes}\n" not in f"\n{other.notes}\n":
            other.notes = f"{other.notes}\n{row.notes}".strip()
        other.asks_order_number |= row.asks_order_number
        other.vat_regime = other.vat_regime or row.vat_regime
        if other.agreed == Agreed():
            other.wage_percent, other.g_percent = row.wage_percent, row.g_percent
        count = int(getattr(result, "rowcount", 0))
        record(session, actor, "relation.same_as", "relation", other.id, other.name, name=row.name, count=count)
        code = row.code
        session.delete(row)
        session.flush()  # codes are unique, also halfway
        if code and not other.code and other.remote_id is None:
            other.code = code
        return count


def _both(session: Session, relation_id: UUID, other_id: UUID) -> tuple[Relation, Relation]:
    """Both customers, locked in the order of their ids, as everybody who does this does."""
    if relation_id == other_id:
        raise LookupError(other_id)
    query = select(Relation).where(Relation.id == other_id)
    if relation_id < other_id:
        row, other = locked(session, relation_id), session.scalars(query.with_for_update()).one_or_none()
    else:
        other, row = session.scalars(query.with_for_update()).one_or_none(), locked(session, relation_id)
    if other is None:
        raise Refusal(msg("Die relatie is er niet meer: iemand heeft haar net samengevoegd. Kies opnieuw."))
    return row, other


def _refuse(session: Session, row: Relation, other: Relation) -> None:
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
    billed = select(WorkOrder.number).select_from(InvoicePosting).join(InvoicePosting.orders)
    billed = billed.where(WorkOrder.relation_id == row.id)
    # one that may have arrived keeps its number and is looked for there: not another customer's now
    open_ = InvoicePosting.state.in_(_OPEN)
    unsure = InvoicePosting.state.in_(states.MAY_SEND_AGAIN) & InvoicePosting.attempted_uncertain
    number = session.scalar(billed.where(open_ | unsure).limit(1))
    if number is not None:
        raise Refusal(
            msg(
                "Van de factuur van werkbon %(number)s staat nog niet vast wat ermee is gebeurd. Maak die eerst af: "
                "kijk wat er in e-Boekhouden staat, of laat haar vervallen. Daarna kan dit.",
                number=number,
            )
        )

"""An invoice that went out under a code which somebody else has over there by now: the owner says what was found."""

from __future__ import annotations

from uuid import UUID

from domain.message import NOTHING, Refusal, msg
from domain.permissions import Actor
from oversight.audit_trail import record
from services.invoicing.claims import live_posting
from services.invoicing.intending import load_for_invoice
from services.transaction import write_transaction


def settle(actor: Actor, order_id: UUID, words: str) -> None:
    """Write down what the owner found over there; it needs nobody any more. Raises LookupError, and Refusal without
    words or when there is nothing to settle (any more)."""
    words = words.strip()
    if not words:
        raise Refusal(msg("Schrijf op wat u in e-Boekhouden zag."), "reason")
    with write_transaction() as session:
        load_for_invoice(session, order_id)
        live = live_posting(session, order_id)
        if live is None or live.code_moved_at is None:
            raise Refusal(msg("Dit is al afgehandeld. Er is niets gewijzigd."))
        live.code_moved_at, live.code_moved = None, NOTHING
        record(
            session, actor, "invoice.code_move_settled", "posting", live.id, live.number,
            number=live.number, reason=words[:300],
        )  # fmt: skip

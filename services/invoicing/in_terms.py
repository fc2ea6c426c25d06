"""The terms of an order before the last: each sent by a press, as a posting of its own, before or after the work.

Its intent is written by the same code as that of any invoice (intending.py), and from there on it goes the way of every
posting. The last term is no matter of this file: it is what the order's own press sends (press.py).
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from domain import posting as states
from domain import work_order as order_rules
from domain.message import Refusal, msg
from domain.permissions import Actor
from models import InvoicePosting
from services.dependencies import Dependencies
from services.invoicing import claims, crediting, intending, missing, press
from services.invoicing.claims import refuse_when_changed
from services.invoicing.intending import Pressed
from services.transaction import write_transaction
from tenancy.database import db


def present(order_id: UUID, n: int) -> InvoicePosting | None:
    """The posting that bills term `n`, with its credit, for showing."""
    return claims.live_term(n)(db.session(), order_id)


def send(
    deps: Dependencies, actor: Actor, order_id: UUID, n: int, version: int | None = None, yes: Collection[str] = ()
) -> Pressed:
    """Post the invoice of term `n`, before the last: for the first time, or again after a certain no or when it is
    gone. `version`: the order as the person saw it; `yes`: the answers to what was asked. Raises LookupError, and
    Refusal, Blocked or Asked; then nothing changed."""
    if n < 1:
        raise LookupError(n)
    which = claims.live_term(n)
    seen = which(db.session(), order_id)
    if seen is not None and seen.state == states.GONE:
        return missing.send_again(deps, actor, order_id, which)
    line = intending.open_line(deps, actor, order_id)
    with write_transaction() as session, session.no_autoflush:
        link, together = intending.lock(session, order_id)
        order = together[0][0]
        refuse_when_changed(order, version)
        if order.state == order_rules.CANCELLED:
            raise Refusal(msg("Deze werkbon is geannuleerd; er kan geen termijn meer gefactureerd worden."))
        next_step = intending.intend(session, deps, actor, line, link, together[:1], yes, n)
    pressed = press.send_what_was_intended(deps, actor, line, next_step)
    if pressed.state == "not_linked":
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Herstel die eerst."))
    if pressed.state == "not_billable":
        raise Refusal(msg("Voor deze bon is gekozen: niet factureren."))
    return pressed


def send_credit(deps: Dependencies, actor: Actor, order_id: UUID, n: int) -> Pressed:
    """Send the credit of term `n` again. Raises Refusal."""
    return crediting.send_again(deps, actor, order_id, n)


def give_up(deps: Dependencies, actor: Actor, order_id: UUID, reason: str, n: int) -> None:
    """Let the posting of term `n` go that is not over there, with a reason: what it billed is in the rest. Raises
    Refusal."""
    missing.let_go(deps, actor, order_id, reason, claims.live_term(n))

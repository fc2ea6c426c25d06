"""Taking back an invoice that stands over there: its credit, as a posting with a number of its own.

The credit claims the credit of the posting that it corrects (services/invoicing/claims.py), so that nothing is credited
twice; only once it is posted the order may be opened again, or billed no more (claims.leave_what_was_credited). From
the intent on it goes the way of every posting.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from domain import billing, credit
from domain import posting as states
from domain.billing import Share
from domain.message import Refusal, msg
from domain.notes import note
from domain.permissions import Actor
from domain.visible import bare
from gateways.bookkeeping import BookkeepingError, Credentials
from models import InvoicePosting
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import (
    claims,
    intending,
    looking_back,
    missing,
    older_copy,
    posting,
    press,
    renumbering,
    same_bytes,
)
from services.invoicing.intending import Pressed
from services.invoicing.posting import Intent
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import today
from tenancy.database import db


def credit_order(deps: Dependencies, actor: Actor, order_id: UUID, reason: str, n: int = 0) -> Pressed:
    """Credit the whole of an order's posted invoice, for a reason, and so what the other orders on it were billed;
    `n`: the invoice of this term before the last. Raises Refusal, and then nothing was sent; what somebody else began
    meanwhile is not begun again."""
    reason = bare(reason)
    if not reason:
        raise Refusal(msg("Schrijf op waarom u deze factuur crediteert."), "reason")
    return _send(deps, actor, order_id, n, reason)


def present_credit(order_id: UUID) -> InvoicePosting | None:
    """The credit of the order's invoice, for showing."""
    return claims.live_credit(db.session(), order_id)


def send_again(deps: Dependencies, actor: Actor, order_id: UUID, n: int = 0) -> Pressed:
    """Send the credit of an order's invoice again, after a certain no or when it is gone; `n` as in `credit_order`.
    Raises Refusal."""
    which = claims.live_term(n, of_credit=True) if n else claims.live_credit
    present = which(db.session(), order_id)
    if present is None:
        raise Refusal(msg("Er is geen creditfactuur meer om te versturen. Bekijk de werkbon opnieuw."))
    if present.state == states.GONE:
        return missing.send_again(deps, actor, order_id, which)
    return _send(deps, actor, order_id, n)


def give_up(deps: Dependencies, actor: Actor, order_id: UUID, reason: str, n: int = 0) -> None:
    """Let a credit go that is not over there, with a reason: the invoice stands as before. `n` as in `credit_order`.
    Raises Refusal."""
    missing.let_go(deps, actor, order_id, reason, claims.live_term(n, of_credit=True) if n else claims.live_credit)


def _send(deps: Dependencies, actor: Actor, order_id: UUID, n: int, reason: str = "") -> Pressed:
    credentials = looking_back.credentials_to_send(deps, actor)
    if credentials is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Herstel die eerst."))
    seen = (claims.live_term(n) if n else claims.live_posting)(db.session(), order_id)
    if seen is None:  # how it stands is asked under the lock
        raise _nothing_to_credit()
    to, code = seen.id, posting.thawed(deps, seen).relation_code
    stop_reading()
    try:
        deps.bookkeeping.ready(credentials)
        who = same_bytes.whose(deps, actor, credentials, to, code)
    except BookkeepingError as error:
        raise same_bytes.not_asked(error) from error
    with write_transaction() as session, session.no_autoflush:
        link = connection.still(session, credentials)
        older_copy.refuse_when_behind(link)
        same_bytes.refuse_when_kept_back(session, link, who, is_credit=True)
        following = _intend(session, deps, actor, credentials, order_id, n, reason)
    return following if isinstance(following, Pressed) else press.carry_out(deps, actor, credentials, following)


def _intend(
    session: Session, deps: Dependencies, actor: Actor, credentials: Credentials, order_id: UUID, n: int, reason: str
) -> Intent | Pressed:
    together = intending.load_together(session, order_id)[: 1 if n else None]
    order, here = together[0]
    billed = billing.term(n, here.claims) if n else billing.whole(here.claims)
    if billed is None or billed.state != states.POSTED:
        raise _nothing_to_credit()
    if not states.belongs_in(billed.administration, credentials.administration):
        raise Refusal(note("press.elsewhere"))
    share = Share(credits=billed.posting)
    live = next((one for one in here.claims if one.share == share.key), None)
    if live is not None and not states.may_send(live.state):
        return Pressed(live.state, live.posting)  # somebody was first: never credited twice
    if live is None and not billing.may_claim(here.manner, here.terms, here.claims, share):
        raise Refusal(
            msg("De laatste termijn trekt deze factuur af. Crediteer die eerst, en daarna de termijnen ervoor.")
        )
    original, on = posting.row_locked(session, billed.posting), today(session)
    if live is None:
        row = intending.first_posting(session, on, billed.administration)
        number = row.number
    else:
        row = posting.row_locked(session, live.posting)
        number, on = renumbering.for_sending_again(session, deps, actor, row, on)
    longest = deps.bookkeeping.limits.line.get("description")
    draft = credit.credit_of(posting.thawed(deps, original), order.number, number, on, longest)
    intent = posting.begin(session, deps, actor, row, draft)
    if live is None:
        claims.claim(session, row, [one for one, _here in together], share, {one.id: its for one, its in together})
        said = {"number": number, "credited": original.number, "reason": reason}
        record(session, actor, "invoice.credited", "posting", row.id, number, **said)
    return intent


def _nothing_to_credit() -> Refusal:
    return Refusal(msg("Alleen een factuur die in e-Boekhouden staat, kan gecrediteerd worden."))

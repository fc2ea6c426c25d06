"""Gecontroleerd: approving orders and posting their invoice at once; sending again; giving a posting up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import posting as states
from domain import work_order as order_rules
from domain.message import Refusal, msg
from domain.permissions import Actor
from domain.visible import bare
from gateways.bookkeeping import Credentials
from models import Connection, InvoicePosting, WorkOrder
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import claims, intending, looking_back, posting
from services.invoicing.claims import live_posting, refuse_when_changed
from services.invoicing.intending import (
    Asked,
    Blocked,
    Job,
    Line,
    Pressed,
    abandon,
    load_for_invoice,
)
from services.invoicing.older_copy import Behind
from services.invoicing.posting import Intent
from services.link import connection
from services.transaction import write_transaction
from tenancy.database import db

__all__ = ["Asked", "Blocked", "Job", "Pressed"]

GIVES_UP_UNKNOWN = "bookkeeping:connect"  # who may


def approve(
    deps: Dependencies,
    actor: Actor,
    order_id: UUID,
    version: int | None = None,
    job: Job | None = None,
    yes: Collection[str] = (),
) -> Pressed:
    """Move an executed order to gecontroleerd and post its invoice. Raises Refusal, Blocked or Asked; then nothing
    changed.

    `version` is the order as the person saw it; when it differs under the lock, Changed is raised. `job`: the bulk job
    that presses. `yes`: the answers of the person to what was asked.
    """
    line = intending.open_line(deps, actor, order_id, job)
    with write_transaction() as session, session.no_autoflush:
        link, together = intending.lock(session, order_id)
        if order_rules.transition(together[0][0].state, "approve") is None:
            raise Refusal(order_rules.why_not(together[0][0].state, "approve"))
        refuse_when_changed(together[0][0], version)
        intending.approve(session, actor, together, {order_id})
        next_step = intending.intend(session, deps, actor, line, link, together, yes)
    return send_what_was_intended(deps, actor, line, next_step, job)


def approve_together(deps: Dependencies, actor: Actor, seen: Mapping[UUID, int], yes: Collection[str] = ()) -> Pressed:
    """Move executed orders of one customer to gecontroleerd and post one invoice of them all. `seen`: the version of
    each as the person saw it. Raises as `approve`, and LookupError; then nothing changed."""
    line = intending.open_line(deps, actor, min(seen))
    with write_transaction() as session, session.no_autoflush:
        link, together = intending.lock_several(session, seen)
        for order, _here in together:
            if order_rules.transition(order.state, "approve") is not None:
                refuse_when_changed(order, seen[order.id])
        intending.approve(session, actor, together, seen)
        next_step = intending.intend(session, deps, actor, line, link, together, yes)
    return send_what_was_intended(deps, actor, line, next_step)


def send(
    deps: Dependencies,
    actor: Actor,
    order_id: UUID,
    version: int | None = None,
    job: Job | None = None,
    yes: Collection[str] = (),
) -> Pressed:
    """Post the invoice of an approved order: again after a certain no, or for the first time once there is a link.

    `version`, `job` and `yes` as in `approve`."""
    line = intending.open_line(deps, actor, order_id, job)
    with write_transaction() as session, session.no_autoflush:
        link, together = intending.lock(session, order_id)
        intending.refuse_when_not_approved(together)
        refuse_when_changed(together[0][0], version)
        next_step = intending.intend(session, deps, actor, line, link, together, yes)
    return send_what_was_intended(deps, actor, line, next_step, job)


def send_what_was_intended(
    deps: Dependencies, actor: Actor, line: Line, next_step: Intent | Pressed, job: Job | None = None
) -> Pressed:
    """After the commit: the call, when there is one to make. No transaction may be open."""
    if line.credentials is not None and line.trouble is not None:
        connection.note_trouble(actor, line.credentials, line.trouble)
    if isinstance(next_step, Pressed):
        return next_step
    assert line.credentials is not None  # there is no intent without them
    if job is not None:
        next_step = replace(next_step, in_use=job.in_use)
    return carry_out(deps, actor, line.credentials, next_step)


def carry_out(deps: Dependencies, actor: Actor, credentials: Credentials, intent: Intent) -> Pressed:
    """Send what was intended, and look back at once when that shows our data to be behind. No transaction may be
    open."""
    state = posting.carry_out(deps, actor, credentials, intent)
    if state in {states.REFUSED, states.CONFLICT} and looking_back.is_behind():
        return _look_at_once(deps, actor, credentials, Pressed(state, intent.posting_id))
    return Pressed(state, intent.posting_id)


def _look_at_once(deps: Dependencies, actor: Actor, credentials: Credentials, pressed: Pressed) -> Pressed:
    """This press came upon an invoice of ours that is not known here: take over what is recognised, so that a person
    need only look at the rest. What the press came to afterwards."""
    with suppress(Behind, connection.LinkChanged):
        looking_back.look(deps, actor, credentials)
    db.session.rollback()
    row = db.session.get(InvoicePosting, (db.session().info["tenant_id"], pressed.posting_id))
    return pressed if row is None else Pressed(row.state, row.id)


def give_up(
    actor: Actor, order_id: UUID, reason: str, which: Callable[[Session, UUID], InvoicePosting | None] = live_posting
) -> None:
    """Let a posting go, with a reason; `which`: the order's invoice, or its credit. After a certain no its number is
    free again, else it is void. One of which nobody knows whether it arrived only the owner lets go, and only while its
    administration cannot be asked. Raises Refusal."""
    reason = bare(reason)
    if not reason:
        raise Refusal(msg("Schrijf op waarom deze plaatsing vervalt."), "reason")
    with write_transaction() as session:
        link = connection.locked(session)
        _order, here = load_for_invoice(session, order_id)
        live = which(session, order_id)
        if live is None or not (states.may_give_up(live.state) or _may_give_up_unknown(live, link)):
            raise Refusal(msg("Deze plaatsing kan niet vervallen: de factuur is geplaatst of nog onderweg."))
        if live.state == states.UNCERTAIN and not actor.may(GIVES_UP_UNKNOWN):
            raise Refusal(msg("Alleen de eigenaar laat een factuur vervallen waarvan onzeker is of hij is aangekomen."))
        intending.refuse_when_counted_on(here, live)
        abandon(session, actor, live, reason)


def _may_give_up_unknown(live: InvoicePosting, link: Connection) -> bool:
    return states.may_give_up_unknown(live.state, connection.can_ask(live.administration, link))


def note_correction(actor: Actor, order_id: UUID, words: str) -> None:
    """Write down what somebody corrected by hand over there on a posted invoice; nothing is sent, the order stays as
    it is, and their totals are asked for again. Raises Refusal without words or without a posted invoice."""
    words = bare(words)
    if not words:
        raise Refusal(msg("Schrijf op wat u in e-Boekhouden hebt aangepast."), "note")
    with write_transaction() as session:
        load_for_invoice(session, order_id)
        live = live_posting(session, order_id)
        if live is None or live.state != states.POSTED:
            raise Refusal(msg("Deze factuur staat niet in e-Boekhouden, dus er valt daar niets aan te passen."))
        live.read_back_at = live.remote_excl = live.remote_vat = live.remote_incl = None
        record(
            session, actor, "invoice.corrected_there", "posting", live.id, live.number, number=live.number, note=words
        )


def present_posting(order_id: UUID) -> InvoicePosting | None:
    """The order's live posting, for showing."""
    return live_posting(db.session(), order_id)


def billed_earlier(order: WorkOrder) -> list[tuple[InvoicePosting, InvoicePosting]]:
    """What of the order was billed and taken back before, for showing."""
    return claims.billed_earlier(db.session(), order)


def billed_together(deps: Dependencies, row: InvoicePosting | None) -> Sequence[WorkOrder]:
    """The orders that a posting bills when there are several, by number, for showing. Only where its invoice has
    headings they are looked up."""
    if row is None or not posting.has_headings(deps, row):
        return ()
    found = claims.orders_billed_by(db.session(), row.id)
    return found if len(found) > 1 else ()


def last_abandoned(order_id: UUID) -> InvoicePosting | None:
    """The latest posting of the order that was given up, for showing."""
    query = select(InvoicePosting).join(InvoicePosting.orders).where(WorkOrder.id == order_id)
    query = query.where(InvoicePosting.state == states.ABANDONED)
    return db.session.scalars(query.order_by(InvoicePosting.id.desc()).limit(1)).first()

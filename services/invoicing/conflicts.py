"""A conflict is decided by a person who has seen both sides: it is this invoice, or another one is in its place."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from domain import posting as states
from domain.behind import proves_behind
from domain.invoice import differences, renumbered
from domain.message import Refusal, msg
from domain.notes import note
from domain.outcome import Posted
from domain.permissions import Actor
from gateways.bookkeeping import BookkeepingError
from models import InvoicePosting
from services.dependencies import Dependencies
from services.invoicing import looking_back, older_copy, posting, renumbering, same_bytes
from services.invoicing.claims import live_posting
from services.invoicing.intending import Pressed, load_for_invoice
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.database import db


def accept(actor: Actor, order_id: UUID) -> None:
    """A person says: the invoice over there under our number is this one. Raises Refusal when nothing is to decide."""
    with write_transaction() as session:
        row = _in_conflict(session, order_id)
        posting.conclude(session, actor, row, states.POSTED, Posted(row.number), note("posting.recognised"))


def take_next_number(deps: Dependencies, actor: Actor, order_id: UUID) -> Pressed:
    """A person says: that is another invoice. Its number is theirs, ours goes out under the next one.

    The number is looked up once more: raises Refusal when nothing stands under it, when it is this very invoice, when
    the code in it is somebody else's by now, or when that cannot be found out; then nothing changed.
    """
    credentials = looking_back.credentials_to_send(deps, actor)
    live = live_posting(db.session(), order_id)
    if credentials is None or live is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Herstel die eerst."))
    if not states.belongs_in(live.administration, credentials.administration):
        raise Refusal(note("press.elsewhere"))
    seen, lease, administration = posting.thawed(deps, live), live.lease_until, live.administration
    stop_reading()
    try:
        theirs = posting.find(deps, actor, credentials, administration, seen)
    except BookkeepingError as error:
        raise Refusal(
            msg("Opzoeken in e-Boekhouden lukte niet: %(why)s. Er is niets gewijzigd.", why=error.why)
        ) from error
    if theirs is None:
        raise Refusal(msg("Onder dit nummer staat daar nu niets. Laat de plaatsing vervallen, met de reden."))
    if not differences(seen, theirs):
        raise Refusal(msg("Daar staat precies deze factuur. Kies dat het dezelfde is."))
    try:
        who = same_bytes.whose(deps, actor, credentials, live.id, seen.relation_code)
    except BookkeepingError as error:
        raise same_bytes.not_asked(error) from error
    with write_transaction() as session:
        link = connection.still(session, credentials)
        row = _in_conflict(session, order_id)
        whose, this_order = posting.whose(session, deps, link, row.id, theirs)
        if proves_behind(whose) and not this_order:
            older_copy.note_behind(session, actor, link)
            return Pressed(row.state, row.id)
        older_copy.refuse_when_behind(link)
        if row.lease_until != lease or row.number != seen.number:
            raise Refusal(msg("Iemand anders was u net voor. Bekijk de factuur opnieuw."))
        same_bytes.refuse_when_kept_back(session, link, who)
        taken = note("number.anothers", who=actor.person_name)
        number = renumbering.instead_of_taken(session, actor, row, seen.on, taken)
        intent = posting.begin(session, deps, actor, row, renumbered(seen, number))
        row.note = note("posting.earlier_number_anothers", number=seen.number)
    return Pressed(posting.carry_out(deps, actor, credentials, intent), intent.posting_id)


def _in_conflict(session: Session, order_id: UUID) -> InvoicePosting:
    """The order's live posting, locked, when it is (still) a conflict; else Refusal."""
    load_for_invoice(session, order_id)
    live = live_posting(session, order_id)
    if live is None or live.state != states.CONFLICT:
        raise Refusal(msg("Deze plaatsing is niet meer tegenstrijdig."))
    return posting.row_locked(session, live.id)

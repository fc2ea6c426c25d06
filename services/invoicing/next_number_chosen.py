"""A person chooses another next number where an invoice was not sent for its numbers: the series goes on from there,
and the invoice goes out under it at once. The same rule as on the settings page."""

from __future__ import annotations

from uuid import UUID

from domain import posting as states
from domain.message import Refusal, msg
from domain.notes import note
from domain.permissions import Actor
from models import InvoicePosting
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import intending, invoice_settings, numbers, older_copy, press
from services.invoicing.claims import live_posting
from services.invoicing.in_use import IN_A_ROW
from services.invoicing.press import Pressed
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db


def offered(row: InvoicePosting) -> bool:
    """Whether another next number helps: it was not sent for its numbers, every attempt was a certain no, and it would
    go out where those numbers are."""
    for_its_numbers = row.state == states.NOT_SENT and row.why.key == IN_A_ROW and not row.attempted_uncertain
    return for_its_numbers and connection.is_linked(row.administration)


def proposed(row: InvoicePosting) -> int:
    """The serial that the series gives out next, in the administration of a posting."""
    session = db.session()
    return numbers.invoice_series(session, today(session).year, row.administration)[1]


def send_from(deps: Dependencies, actor: Actor, order_id: UUID, serial: int) -> Pressed:
    """Let the series of this year go on at `serial`, and send the order's invoice under the number that this gives.
    Raises Refusal, as press.send does, and with the field next_number for a number that cannot be chosen."""
    if not actor.may("settings:write"):
        raise Refusal(
            msg("Het volgend nummer kiest wie de instellingen mag wijzigen. Vraag het de eigenaar of de administratie.")
        )
    invoice_settings.check_serial(serial)
    with write_transaction() as session:
        link = connection.locked(session)
        intending.load_for_invoice(session, order_id)
        live = live_posting(session, order_id)
        if live is None or not offered(live):
            raise Refusal(msg("Deze factuur heeft geen ander nummer meer nodig. Bekijk de werkbon opnieuw."))
        older_copy.refuse_when_behind(link)
        on = today(session)
        prefix, following = numbers.invoice_series(session, on.year, live.administration)
        if serial != following:
            numbers.set_invoice_series(session, on.year, prefix, serial, live.administration)
            session.flush()
            record(session, actor, "invoice_settings.changed")
        left, live.number = live.number, numbers.following(session, on, live.administration)
        why = note("number.passed", who=actor.person_name)
        numbers.mark(session, left, states.VOID, why, administration=live.administration)
        record(session, actor, "invoice.number_passed", "posting", live.id, left, number=left, next=live.number)
    return press.send(deps, actor, order_id)

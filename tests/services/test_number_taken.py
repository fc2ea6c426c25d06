"""The bookkeeping says that our number is in use. Whose invoice it is decides; what is unknown decides nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from domain import posting as states
from domain.message import NOTHING, Message
from domain.notes import note
from models import InvoicePosting
from services.invoicing import posting, press
from services.link import connection
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.sandbox_process import Sandbox


def pressed(vos: SimpleNamespace, attempted_uncertain: bool) -> posting.Intent:
    """An intent whose request arrived, unheard; whether that is remembered is up to the test."""
    intents: list[posting.Intent] = []

    def frozen(*given: object) -> str:
        intents.append(given[-1])  # type: ignore[arg-type]
        return states.SENDING

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(posting, "carry_out", frozen)
        press.approve(vos.deps, vos.actor, vos.order_id)
    (intent,) = intents
    vos.deps.bookkeeping.post_invoice(credentials(vos), intent.draft, intent.start_by)
    with write_transaction() as session:
        posting.locked(session, intent.posting_id).attempted_uncertain = attempted_uncertain
    return intent


def credentials(vos: SimpleNamespace) -> connection.Credentials:
    """Those of the active link; no transaction stays open."""
    found = connection.active_credentials(vos.deps)
    db.session.rollback()
    assert found is not None
    return found


def stands(vos: SimpleNamespace) -> tuple[str, Message, Message]:
    """State, why and note of the order's posting."""
    db.session.rollback()
    row: InvoicePosting | None = press.present_posting(vos.order_id)
    assert row is not None
    return row.state, row.why, row.note


def test_after_an_uncertain_attempt_the_same_invoice_is_ours_and_taken_over(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    intent = pressed(vos, attempted_uncertain=True)
    assert posting.carry_out(vos.deps, vos.actor, credentials(vos), intent) == states.POSTED
    assert stands(vos) == (states.POSTED, NOTHING, note("posting.taken_over"))
    assert len(sandbox.invoices("demo")) == 1


def test_the_same_invoice_that_we_never_sent_is_for_a_person_to_decide(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    intent = pressed(vos, attempted_uncertain=False)
    assert posting.carry_out(vos.deps, vos.actor, credentials(vos), intent) == states.CONFLICT
    assert stands(vos) == (states.CONFLICT, note("posting.number_taken"), NOTHING)


@pytest.mark.parametrize(("attempted_uncertain", "state"), [(True, states.UNCERTAIN), (False, states.CONFLICT)])
def test_when_it_cannot_be_looked_up_the_reason_of_that_is_said(
    vos: SimpleNamespace, sandbox: Sandbox, attempted_uncertain: bool, state: str
) -> None:
    intent = pressed(vos, attempted_uncertain)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
    assert posting.carry_out(vos.deps, vos.actor, credentials(vos), intent) == state
    assert stands(vos)[0] == state
    assert stands(vos)[1].key.startswith("call.")


def test_who_was_overtaken_during_the_look_up_concludes_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    intent = pressed(vos, attempted_uncertain=True)
    with write_transaction() as session:
        row = posting.locked(session, intent.posting_id)
        row.state = states.UNCERTAIN
    assert posting.carry_out(vos.deps, vos.actor, credentials(vos), intent) == states.UNCERTAIN
    assert stands(vos)[0] == states.UNCERTAIN

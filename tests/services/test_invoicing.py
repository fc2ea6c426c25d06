"""Gecontroleerd: one order, one call, one visible answer; never a second invoice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from domain import posting as states
from domain.invoice import fingerprint, freeze
from domain.message import Refusal
from domain.outcome import Posted
from models import InvoiceNumber, InvoicePosting, PostingAttempt, WorkOrder
from services.invoicing import claims, missing, posting, press, recovery
from services.link import connection
from services.orders import work_orders
from services.trail import history
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import line, make_order, numbered
from tests.support.presses import press_at_once
from tests.support.sandbox_process import Sandbox
from tests.support.waiting import until


def found(sandbox: Sandbox) -> list[str]:
    """The numbers in the books, in order."""
    return sorted(invoice["Factuurnummer"] for invoice in sandbox.invoices("demo"))


def posting_of(posting_id: object) -> InvoicePosting:
    """The posting as it stands now."""
    db.session.rollback()
    return db.session.scalars(select(InvoicePosting).where(InvoicePosting.id == posting_id)).one()


def number_state(number: str) -> str:
    """The state of an issued number."""
    return db.session.scalars(select(InvoiceNumber).where(InvoiceNumber.number == number)).one().state


def test_approving_posts_one_invoice_with_the_orders_content(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)

    assert pressed.state == states.POSTED
    (invoice,) = sandbox.invoices("demo")
    row = posting_of(pressed.posting_id)
    assert invoice["Factuurnummer"] == row.number
    assert invoice["Relatiecode"] == "1001"
    assert invoice["Regels"][0]["Omschrijving"].startswith(
        f"Werkbon {vos.order_number}, uitgevoerd 18-11-2026, Dorpsstraat 1"
    )
    assert number_state(row.number) == states.NUMBER_POSTED
    assert db.session.scalars(select(WorkOrder).where(WorkOrder.id == vos.order_id)).one().state == "approved"


def test_the_read_back_keeps_their_totals(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    missing.read_back(vos.deps, vos.actor, pressed.posting_id)

    row = posting_of(pressed.posting_id)
    assert (row.remote_excl, row.remote_vat, row.remote_incl) == (row.excl, row.vat, row.incl)


def test_pressing_again_after_posting_changes_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    with pytest.raises(Refusal):
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert len(found(sandbox)) == 1


def test_eight_presses_at_once_make_one_invoice(app: Flask, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief(
        "demo", [{"operation": "OpenSession", "kind": "slow", "seconds": 1, "times": 1}]
    )  # as on a busy day
    assert press_at_once(app, vos.order_id) == [states.POSTED] + ["refusal"] * 7
    assert len(found(sandbox)) == 1


def test_a_blocker_stops_it_before_anything_is_written(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=(line(vat_code=""),))
    with pytest.raises(press.Blocked) as caught:
        press.approve(vos.deps, vos.actor, order_id)
    assert [blocker.key for blocker in caught.value.blockers] == ["vat"]


def test_a_distance_sale_is_a_blocker(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=(line(vat_code="eu_distance"),))
    with pytest.raises(press.Blocked) as caught:
        press.approve(vos.deps, vos.actor, order_id)
    assert [blocker.key for blocker in caught.value.blockers] == ["vat_kind"]
    db.session.rollback()
    assert db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one().state == "done"
    assert db.session.scalars(select(InvoiceNumber)).all() == []
    assert found(sandbox) == []


def test_a_refusal_keeps_the_order_approved_and_the_number_for_the_next_try(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief(
        "demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "Relatie onbekend"}]
    )
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    row = posting_of(pressed.posting_id)
    assert (row.state, row.code, row.text) == (states.REFUSED, "CFACT025", "Relatie onbekend")
    number = row.number

    again = press.send(vos.deps, vos.actor, vos.order_id)

    assert again.state == states.POSTED
    assert found(sandbox) == [number]


def test_an_edit_after_a_refusal_freezes_a_new_payload(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT042", "text": "Btw"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    before = posting_of(pressed.posting_id).payload
    order = work_orders.get(vos.actor, vos.order_id)
    given = work_orders.OrderInput(title="Anders", relation_id=order.relation_id, executed_on=order.executed_on,
                                   location_id=order.location_id,
                                   lines=(line(price=order.lines[0].price + 1),))  # fmt: skip
    work_orders.edit(vos.actor, vos.order_id, given)
    press.send(vos.deps, vos.actor, vos.order_id)

    row = posting_of(pressed.posting_id)
    assert row.payload == before.replace('"price":"62.5000"', '"price":"63.5000"') != before
    assert row.payload_hash == fingerprint(row.payload)
    assert sandbox.invoices("demo")[0]["Regels"][0]["PrijsPerEenheid"] in {"63.50", "63.5"}


def test_a_lost_answer_is_uncertain_locks_the_order_and_is_adopted_by_looking_up(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == states.UNCERTAIN
    assert len(found(sandbox)) == 1
    with pytest.raises(Refusal):
        work_orders.edit(vos.actor, vos.order_id, work_orders.OrderInput(title="x"))
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.UNCERTAIN  # never a blind resend

    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.POSTED
    assert len(found(sandbox)) == 1


def test_a_miss_within_the_quiet_window_never_sends_again_and_after_it_sends_the_same_bytes(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == states.UNCERTAIN
    first = posting_of(pressed.posting_id)
    number, payload = first.number, first.payload
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.UNCERTAIN
    assert found(sandbox) == []

    times = vos.deps.settings.times
    leap(times.lease + times.quiet_window + timedelta(milliseconds=1))
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.POSTED

    assert found(sandbox) == [number]
    assert posting_of(pressed.posting_id).payload == payload


def test_an_act_that_happens_late_does_not_double(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "late_act", "seconds": 600}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.UNCERTAIN
    sandbox.act_now()
    until(lambda: found(sandbox))
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.POSTED
    assert len(found(sandbox)) == 1


def test_a_number_used_over_there_by_another_invoice_is_skipped_and_said(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    taken = numbered(1, "WB")
    put_a_foreign_invoice(vos, taken)
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)

    assert pressed.state == states.POSTED
    row = posting_of(pressed.posting_id)
    assert row.number != taken
    assert taken in str(row.note)
    assert number_state(taken) == states.TAKEN


def test_a_correction_over_there_is_noted_and_never_sends_anything(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with pytest.raises(Refusal):
        press.note_correction(vos.actor, vos.order_id, "aangepast")
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    missing.read_back(vos.deps, vos.actor, pressed.posting_id)
    with pytest.raises(Refusal):
        press.note_correction(vos.actor, vos.order_id, "  ")

    press.note_correction(vos.actor, vos.order_id, "2 uur in plaats van 3")

    assert [one.what.values["note"] for one in history.corrections(pressed.posting_id)] == ["2 uur in plaats van 3"]
    row = posting_of(pressed.posting_id)
    assert (row.state, row.read_back_at) == (states.POSTED, None)
    with pytest.raises(Refusal):
        work_orders.move(vos.actor, vos.order_id, "reopen")
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert len(found(sandbox)) == 1


def test_nothing_leaves_when_the_service_is_away_and_retrying_is_safe(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    vos.deps.bookkeeping.forget(vos.tenant_id)
    sandbox.mischief("demo", [{"operation": "OpenSession", "kind": "reset_before"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == states.NOT_SENT
    assert found(sandbox) == []
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED


def test_a_changed_password_breaks_the_link_and_blocks_the_next_press(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    vos.deps.bookkeeping.forget(vos.tenant_id)
    sandbox.mischief("demo", [{"operation": "OpenSession", "kind": "password_changed"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == states.NOT_SENT
    assert posting_of(pressed.posting_id).code.startswith("E001")
    assert connection.present().state == "broken"
    calls = len(sandbox.calls("demo"))
    with pytest.raises(press.Blocked):
        press.send(vos.deps, vos.actor, vos.order_id)
    assert len(sandbox.calls("demo")) == calls


def test_a_password_found_wrong_while_looking_up_breaks_the_link_and_nothing_knocks_again(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == states.UNCERTAIN
    vos.deps.bookkeeping.forget(vos.actor.tenant_id)
    sandbox.mischief("demo", [{"kind": "password_changed"}])

    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.UNCERTAIN
    assert connection.present().state == "broken"
    calls = len(sandbox.calls("demo"))
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.UNCERTAIN
    assert len(sandbox.calls("demo")) == calls


def test_an_order_that_changed_after_it_was_looked_at_is_not_approved(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    seen = work_orders.get(vos.actor, vos.order_id).version
    with pytest.raises(claims.Changed):
        press.approve(vos.deps, vos.actor, vos.order_id, seen - 1)
    assert work_orders.get(vos.actor, vos.order_id).state == "done"
    assert sandbox.invoices("demo") == []
    assert press.approve(vos.deps, vos.actor, vos.order_id, seen).state == states.POSTED


def test_what_was_on_the_screen_while_somebody_approved_is_not_sent(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    seen = work_orders.get(vos.actor, vos.order_id).version
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id, seen).state == states.REFUSED

    with pytest.raises(claims.Changed):
        press.send(vos.deps, vos.actor, vos.order_id, seen)
    assert work_orders.get(vos.actor, vos.order_id).version == seen + 1


def uncertain_once(vos: SimpleNamespace, sandbox: Sandbox) -> UUID:
    """A posting of which the first attempt may have arrived; nobody looked yet."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert (pressed.state, posting_of(pressed.posting_id).attempted_uncertain) == (states.UNCERTAIN, True)
    assert pressed.posting_id is not None
    return pressed.posting_id


def interrupted(vos: SimpleNamespace, sandbox: Sandbox) -> UUID:
    """A posting whose process died during the call; nobody looked yet."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(posting, "carry_out", lambda *_: states.SENDING)
        pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.posting_id is not None
    return pressed.posting_id


@pytest.mark.parametrize("begun", [uncertain_once, interrupted])
def test_a_number_under_which_something_may_have_arrived_is_never_given_out_again(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None], begun: Callable[..., UUID]
) -> None:
    posting_id = begun(vos, sandbox)
    times = vos.deps.settings.times
    leap(times.lease + times.quiet_window + timedelta(milliseconds=1))
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    assert recovery.check(vos.deps, vos.actor, posting_id) == states.REFUSED
    number = posting_of(posting_id).number
    press.give_up(vos.actor, vos.order_id, "toch niet")
    assert number_state(number) == states.VOID


@pytest.mark.parametrize("state", [states.UNCERTAIN, states.SENDING])
def test_a_look_up_that_settles_nothing_remembers_that_it_may_have_arrived_whatever_the_row_held(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None], state: str
) -> None:
    posting_id = interrupted(vos, sandbox)
    with write_transaction() as session:
        session.scalars(select(InvoicePosting).where(InvoicePosting.id == posting_id)).one().state = state
    leap(vos.deps.settings.times.lease + timedelta(milliseconds=1))
    assert recovery.check(vos.deps, vos.actor, posting_id) == states.UNCERTAIN
    assert posting_of(posting_id).attempted_uncertain


def test_without_a_link_the_move_is_legal_and_writes_no_intent(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    connection.undo(vos.deps, vos.actor)
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == "not_linked"
    assert db.session.scalars(select(InvoicePosting)).all() == []
    assert db.session.scalars(select(WorkOrder).where(WorkOrder.id == vos.order_id)).one().state == "approved"


def test_sending_again_with_the_link_off_sends_nothing_and_tells_of_the_posting_there_is(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    first = press.approve(vos.deps, vos.actor, vos.order_id)
    connection.switch_feature(vos.actor, False)
    assert press.send(vos.deps, vos.actor, vos.order_id) == press.Pressed("not_linked", first.posting_id)
    assert posting_of(first.posting_id).state == states.REFUSED


def test_giving_up_after_a_refusal_frees_the_number_for_the_next_invoice(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    number = posting_of(pressed.posting_id).number
    press.give_up(vos.actor, vos.order_id, "dubbel ingevoerd")
    assert number_state(number) == states.FREE

    again = press.send(vos.deps, vos.actor, vos.order_id)
    assert posting_of(again.posting_id).number == number
    assert found(sandbox) == [number]


def test_a_reopened_posted_order_is_never_posted_again(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    with pytest.raises(Refusal):
        work_orders.move(vos.actor, vos.order_id, "reopen")
    assert len(found(sandbox)) == 1


def test_attempts_hold_no_credentials(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    account = sandbox.credentials("demo")
    stored = " ".join(f"{row.code}{row.text}{row.why}{row.by}" for row in db.session.scalars(select(PostingAttempt)))
    assert account["code1"] not in stored
    assert account["code2"] not in stored


def test_a_late_yes_about_other_bytes_settles_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """Whoever comes late with a proof of yes must have sent what the posting holds now: the number alone is not it."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    row = posting_of(pressed.posting_id)
    assert row.state == states.UNCERTAIN
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    attempt = db.session.scalars(select(PostingAttempt.id).where(PostingAttempt.posting_id == row.id)).one()
    draft = posting.thawed(vos.deps, row)
    late = posting.Intent(row.id, attempt, draft, "0" * 64, row.lease_until - timedelta(seconds=1), 0, 1)
    db.session.rollback()

    assert posting.settle(vos.actor, credentials, late, Posted(draft.number)) == states.UNCERTAIN
    same = replace(late, payload_hash=fingerprint(freeze(draft)))
    assert posting.settle(vos.actor, credentials, same, Posted(draft.number)) == states.POSTED

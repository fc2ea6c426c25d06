"""What stands in the rows after each way a posting can go: the posting, its attempts, its number, the trail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.invoice import PAYLOAD_VERSION, fingerprint
from domain.message import NOTHING
from domain.notes import note
from domain.outcome import NotSent, Posted
from models import AuditEntry, InvoiceNumber, InvoicePosting, PostingAttempt, WorkOrder
from services.invoicing import conflicts, issued_numbers, posting, preflight, press, recovery
from services.orders import work_orders
from services.trail import history
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_conflicts import change_ours, lost
from tests.support.sandbox_process import Sandbox


def refuse(sandbox: Sandbox, code: str = "CFACT025", text: str = "Onbekend") -> None:
    """The next invoice is refused."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": code, "text": text}])


def row(vos: SimpleNamespace) -> InvoicePosting:
    """The order's live posting as it stands now."""
    db.session.rollback()
    found = press.present_posting(vos.order_id)
    assert found is not None
    return found


def attempts(vos: SimpleNamespace) -> list[PostingAttempt]:
    """What was tried, oldest first."""
    query = select(PostingAttempt).where(PostingAttempt.posting_id == row(vos).id).order_by(PostingAttempt.id)
    return list(db.session.scalars(query))


def trail(vos: SimpleNamespace) -> list[tuple[str, str, dict[str, Any]]]:
    """The entries about its invoice: what happened, under which number, and more; oldest first."""
    query = select(AuditEntry).where(AuditEntry.subject_id == row(vos).id).order_by(AuditEntry.at, AuditEntry.id)
    found = list(db.session.scalars(query))
    assert {(one.subject, one.person_name) for one in found} == {("posting", "Test")}
    assert all(one.data["number"] == one.subject_name for one in found)
    return [
        (one.event, one.subject_name, {name: value for name, value in one.data.items() if name != "number"})
        for one in found
    ]


def reason_of(number: str) -> object:
    """Why a number is in its state."""
    return db.session.scalars(select(InvoiceNumber).where(InvoiceNumber.number == number)).one().reason


def test_a_posted_invoice(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    found = row(vos)
    number = found.number
    assert (found.state, found.code, found.text, found.why, found.note) == (states.POSTED, "", "", NOTHING, NOTHING)
    assert (str(found.excl), str(found.vat), str(found.incl)) == ("125.00", "26.25", "151.25")
    assert (found.by, found.payload_version, found.payload_hash) == (
        "Test",
        PAYLOAD_VERSION,
        fingerprint(found.payload),
    )
    assert found.sent_at is not None
    assert found.settled_at is not None
    assert found.created_at <= found.sent_at <= found.settled_at
    assert found.lease_until == found.sent_at + vos.deps.settings.times.lease
    (one,) = attempts(vos)
    assert (one.kind, one.number, one.outcome, one.code, one.text, one.why, one.by) == (
        "send", number, states.POSTED, "", "", NOTHING, "Test",
    )  # fmt: skip
    assert one.ended_at is not None
    assert (one.started_at, one.ended_at <= found.settled_at) == (found.sent_at, True)
    assert trail(vos) == [("invoice.intended", number, {}), ("invoice.posted", number, {})]
    moves = select(AuditEntry).where(AuditEntry.event == "work_order.moved", AuditEntry.subject_id == vos.order_id)
    moved = list(db.session.scalars(moves.order_by(AuditEntry.id)))[-1]
    order_number = db.session.scalars(select(WorkOrder.number).where(WorkOrder.id == vos.order_id)).one()
    assert (moved.subject, moved.subject_name, moved.person_name) == ("work_order", order_number, "Test")
    assert [moved.data[name]["key"] for name in ("from_name", "to_name")] == [
        "order_state.done",
        "order_state.approved",
    ]
    (issued,) = list(issued_numbers.all_())
    assert (issued.number, issued.state, issued.order_id) == (number, states.NUMBER_POSTED, vos.order_id)
    assert issued_numbers.list_(state=states.FREE).rows == ()


def test_a_refusal_keeps_as_much_of_their_words_as_fits_and_the_next_attempt_begins_clean(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    refuse(sandbox, "CFACT025" + "9" * 20, "x" * 600)
    press.approve(vos.deps, vos.actor, vos.order_id)
    first = row(vos)
    number, refused_at = first.number, first.settled_at
    assert (first.state, first.code, first.text, first.why) == (
        states.REFUSED, "CFACT025" + "9" * 12, "x" * 500, NOTHING,
    )  # fmt: skip
    assert not first.attempted_uncertain
    assert trail(vos)[-1] == ("invoice.refused", number, {"code": first.code})
    (one,) = attempts(vos)
    assert (one.outcome, one.code, one.text) == (states.REFUSED, first.code, first.text)

    press.send(vos.deps, vos.actor, vos.order_id)
    second = row(vos)
    assert (second.state, second.number, second.code, second.text) == (states.POSTED, number, "", "")
    assert second.settled_at is not None
    assert refused_at is not None
    assert second.settled_at > refused_at
    assert [one.outcome for one in attempts(vos)] == [states.REFUSED, states.POSTED]


def test_a_lost_answer_and_the_look_up_that_found_it(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    number = lost(vos, sandbox)
    assert (row(vos).code, bool(row(vos).why), row(vos).looked_up_at) == ("", True, None)
    assert recovery.check(vos.deps, vos.actor, row(vos).id) == states.POSTED
    found = row(vos)
    assert (found.note, found.why) == (note("posting.arrived_after_all"), NOTHING)
    assert (found.remote_excl, found.remote_vat, found.remote_incl) == (found.excl, found.vat, found.incl)
    assert found.read_back_at == found.settled_at
    sent, looked = attempts(vos)
    assert (sent.outcome, bool(sent.why)) == (states.UNCERTAIN, True)
    assert (looked.kind, looked.number, looked.why, looked.by) == ("look_up", number, note("look_up.found"), "Test")
    assert looked.started_at == looked.ended_at == found.looked_up_at
    assert [event for event, _, _ in trail(vos)] == [
        "invoice.intended", "invoice.uncertain", "invoice.looked_up", "invoice.posted",
    ]  # fmt: skip
    assert trail(vos)[2][2] == {"result": {"key": "look_up.found", "values": {}}}


def test_a_look_up_within_the_window_says_when_it_looked_and_that_it_found_nothing(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    settled_at = row(vos).settled_at
    assert recovery.unsettled() == [row(vos).id]
    assert recovery.check(vos.deps, "Crafter", row(vos).id) == states.UNCERTAIN
    found = row(vos)
    assert (found.note, found.settled_at) == (note("look_up.not_yet"), settled_at)
    assert found.looked_up_at is not None
    assert [(one.kind, one.by) for one in attempts(vos)] == [("send", "Test"), ("look_up", "Crafter")]
    assert found.lease_until is not None
    assert recovery.known_by(found, vos.deps) == found.lease_until + vos.deps.settings.times.quiet_window


def test_a_look_up_after_the_window_is_noted_before_the_same_bytes_go_out_again(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    leap(vos.deps.settings.times.lease + vos.deps.settings.times.quiet_window + timedelta(milliseconds=1))
    assert recovery.check(vos.deps, "Crafter", row(vos).id) == states.POSTED
    assert [(one.kind, one.outcome, one.by) for one in attempts(vos)] == [
        ("send", states.UNCERTAIN, "Test"),
        ("look_up", states.UNCERTAIN, "Crafter"),
        ("send", states.POSTED, "Crafter"),
    ]
    assert attempts(vos)[1].why == note("look_up.not_found")
    assert row(vos).by == "Crafter"


def test_a_look_up_that_fails_says_why_and_is_no_attempt(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
    assert recovery.recover_all(vos.deps, vos.actor) == 1
    assert row(vos).note.key == "look_up.failed"
    assert str(row(vos).note.values["why"]) != ""
    assert len(attempts(vos)) == 1
    assert recovery.recover_all(vos.deps, vos.actor) == 1
    assert recovery.recover_all(vos.deps, vos.actor) == 0


def test_an_interrupted_posting_is_left_alone_under_its_lease_and_then_said_out_loud(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, leap: Callable[[timedelta], None]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(posting, "carry_out", lambda *_: states.SENDING)
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert recovery.unsettled() == []
    assert recovery.check(vos.deps, vos.actor, row(vos).id) == states.SENDING
    leap(vos.deps.settings.times.lease + timedelta(milliseconds=1))
    assert recovery.recover_all(vos.deps, vos.actor) == 1
    found = row(vos)
    assert (found.state, found.why, found.note) == (
        states.UNCERTAIN, note("posting.interrupted"), note("look_up.not_yet"),
    )  # fmt: skip
    assert trail(vos)[1][0] == "invoice.uncertain"


def test_a_conflict_and_both_ways_out_of_it(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    taken = lost(vos, sandbox)
    change_ours(vos, '"price":"62', '"price":"63')
    recovery.check(vos.deps, vos.actor, row(vos).id)
    found = row(vos)
    assert (found.state, found.why.key) == (states.CONFLICT, "posting.differs")
    assert [one.key for one in found.why.values["what"]] == ["difference.lines", "difference.excl", "difference.vat"]  # type: ignore[attr-defined]
    conflicts.take_next_number(vos.deps, vos.actor, vos.order_id)
    found = row(vos)
    assert found.note == note("posting.earlier_number_anothers", number=taken)
    assert (found.state, found.number != taken) == (states.POSTED, True)
    assert reason_of(taken) == note("number.anothers", who="Test")
    assert ("invoice.number_taken", taken, {"next": found.number}) in trail(vos)


def test_a_conflict_that_a_person_recognises_is_posted_by_their_word(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    number = lost(vos, sandbox)
    change_ours(vos, '"price":"62', '"price":"63')
    recovery.check(vos.deps, vos.actor, row(vos).id)
    conflicts.accept(vos.actor, vos.order_id)
    assert (row(vos).state, row(vos).number, row(vos).note) == (states.POSTED, number, note("posting.recognised"))
    assert trail(vos)[-1] == ("invoice.posted", number, {})


def test_corrections_stand_in_the_order_they_were_noted(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    for words in ("uren", " korting "):
        press.note_correction(vos.actor, vos.order_id, words)
    noted = [("invoice.corrected_there", row(vos).number, {"note": words}) for words in ("uren", "korting")]
    assert trail(vos)[-2:] == noted
    assert [one.what.values["note"] for one in history.corrections(row(vos).id)] == ["uren", "korting"]


def test_giving_up_keeps_the_reason_as_it_was_written_and_no_longer_than_fits(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    refuse(sandbox)
    press.approve(vos.deps, vos.actor, vos.order_id)
    number = row(vos).number
    press.give_up(vos.actor, vos.order_id, f" {'é' * 400} ")
    assert press.present_posting(vos.order_id) is None
    left = press.last_abandoned(vos.order_id)
    assert left is not None
    assert (left.state, str(left.note), str(reason_of(number))) == (states.ABANDONED, "é" * 300, "é" * 300)
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "invoice.abandoned"))
    assert (entry.subject_id, entry.subject_name, entry.data) == (
        left.id,
        number,
        {"number": number, "reason": "é" * 400},
    )


def test_who_comes_late_writes_nothing_but_a_yes_about_the_same_bytes(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    intents: list[posting.Intent] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(posting, "carry_out", lambda *given: intents.append(given[-1]) or states.SENDING)
        press.approve(vos.deps, vos.actor, vos.order_id)
    (intent,) = intents
    with write_transaction() as session:
        locked = posting.locked(session, intent.posting_id)
        assert locked.lease_until is not None
        locked.lease_until += timedelta(seconds=1)  # somebody else took it over
    credentials = posting.connection.active_credentials(vos.deps)
    assert credentials is not None
    late = NotSent(note("call.cut"))
    assert posting.settle(vos.actor, credentials, intent, late) == states.SENDING
    assert [(one.outcome, one.why) for one in attempts(vos)] == [(states.NOT_SENT, note("call.cut"))]
    assert posting.settle(vos.actor, credentials, intent, Posted(intent.draft.number)) == states.POSTED


def test_the_preview_is_the_invoice_that_goes_out(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    order = work_orders.get(vos.actor, vos.order_id)
    assert order is not None
    seen = preflight.preview(vos.deps, order)
    assert (seen.relation_name, seen.relation_code, seen.blockers) == ("Familie Voorbeeld", "1001", ())
    assert str(seen.totals.incl) == "151.25"
    press.approve(vos.deps, vos.actor, vos.order_id)
    found = row(vos)
    draft = posting.thawed(vos.deps, found)
    assert (found.number, draft.lines, draft.on, draft.term_days, draft.template) == (
        seen.number, seen.lines, seen.on, seen.term_days, seen.template,
    )  # fmt: skip

"""An invoice that goes out again as it was frozen: never to somebody else who has the code in it by now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest

from domain import posting as states
from domain.message import Refusal
from models import InvoicePosting
from services.catalogue import relations
from services.invoicing import asking_ahead, bulk_preview, conflicts, missing, posting, press, recovery
from services.invoicing.press import Asked, Blocked
from services.transaction import write_transaction
from tests.services.test_customer_of_an_invoice import CODE, OTHER, calls_of, row_of, swap
from tests.services.test_gone import long_ago
from tests.services.test_gone import row_of as posting_of
from tests.support.cast import line, make_order
from tests.support.sandbox_process import Sandbox

pytestmark = pytest.mark.times(customer_seen=timedelta(0))  # nobody counts as seen for longer than an instant


@pytest.fixture
def order(vos: SimpleNamespace, sandbox: Sandbox) -> UUID:
    """An executed order for a customer that was read in."""
    relations.sync(vos.deps, vos.actor)
    return make_order(vos.actor, row_of(CODE).id)


@pytest.fixture
def gone(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> InvoicePosting:
    """Its invoice, which was posted and vanished."""
    pressed = press.approve(vos.deps, vos.actor, order)
    assert pressed.posting_id is not None
    long_ago(pressed.posting_id)
    sandbox.remove_invoice("demo", posting_of(pressed.posting_id).number)
    assert missing.read_back(vos.deps, vos.actor, pressed.posting_id) == states.GONE
    return posting_of(pressed.posting_id)


@pytest.fixture
def lost(vos: SimpleNamespace, sandbox: Sandbox, order: UUID, leap: Callable[[timedelta], None]) -> InvoicePosting:
    """Its invoice, which never arrived, as far as anybody knows; the quiet window is over."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before"}])
    pressed = press.approve(vos.deps, vos.actor, order)
    assert (pressed.state, pressed.posting_id is None) == (states.UNCERTAIN, False)
    times = vos.deps.settings.times
    leap(times.lease + times.quiet_window + timedelta(seconds=1))
    return posting_of(pressed.posting_id)  # type: ignore[arg-type]


def to_whom(sandbox: Sandbox) -> list[str]:
    return [one["Relatiecode"] for one in sandbox.invoices("demo")]


@pytest.mark.parametrize("read_in", [False, True], ids=["not read in", "read in"])
def test_what_is_gone_is_not_sent_to_who_has_the_code_by_now(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID, gone: InvoicePosting, read_in: bool
) -> None:
    swap(sandbox)
    if read_in:
        relations.sync(vos.deps, vos.actor)
        assert row_of(OTHER).id != row_of(CODE).id
    with pytest.raises(Refusal, match="nu van"):
        missing.send_again(vos.deps, vos.actor, order)
    assert (to_whom(sandbox), posting_of(gone.id).state) == ([], states.GONE)
    # both ways out: the code is put right there, or the posting is let go and the order posted anew
    if read_in:
        missing.let_go(vos.deps, vos.actor, order, "code verhuisd")
        assert press.send(vos.deps, vos.actor, order).state == states.POSTED
        assert to_whom(sandbox) == [OTHER]
    else:
        swap(sandbox)
        assert missing.send_again(vos.deps, vos.actor, order).state == states.POSTED
        assert (to_whom(sandbox), posting_of(gone.id).payload) == ([CODE], gone.payload)


def test_what_is_gone_is_not_sent_while_nobody_can_say_whose_the_code_is(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID, gone: InvoicePosting
) -> None:
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    with pytest.raises(Refusal, match="Er is niets verstuurd"):
        missing.send_again(vos.deps, vos.actor, order)
    assert (to_whom(sandbox), posting_of(gone.id).state) == ([], states.GONE)
    assert missing.send_again(vos.deps, vos.actor, order).state == states.POSTED


def test_one_that_never_arrived_is_not_sent_to_somebody_else_and_goes_out_once_under_its_number(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID, lost: InvoicePosting
) -> None:
    swap(sandbox)
    assert recovery.check(vos.deps, vos.actor, lost.id) == states.NOT_SENT
    row = posting_of(lost.id)
    assert (row.why.key, row.attempted_uncertain, row.number) == ("posting.not_the_same_bytes", True, lost.number)
    assert row.why.values["code"] == CODE
    assert to_whom(sandbox) == []
    assert recovery.recover_all(vos.deps, vos.actor) == 0, "the worker leaves it to a person"
    with pytest.raises(Blocked):
        press.send(vos.deps, vos.actor, order)
    relations.sync(vos.deps, vos.actor)
    assert press.send(vos.deps, vos.actor, order).state == states.POSTED
    assert (to_whom(sandbox), posting_of(lost.id).number) == ([OTHER], lost.number)


def test_one_that_never_arrived_waits_while_nobody_can_say_whose_the_code_is(
    vos: SimpleNamespace, sandbox: Sandbox, lost: InvoicePosting
) -> None:
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    assert recovery.check(vos.deps, vos.actor, lost.id) == states.UNCERTAIN
    assert posting_of(lost.id).note.key == "posting.customer_not_asked"
    assert to_whom(sandbox) == []
    assert recovery.check(vos.deps, vos.actor, lost.id) == states.POSTED
    assert (to_whom(sandbox), posting_of(lost.id).payload) == ([CODE], lost.payload)


@pytest.mark.times(customer_seen=timedelta(minutes=10))
def test_whom_somebody_saw_lately_nobody_asks_for_again(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID, gone: InvoicePosting
) -> None:
    called = calls_of(sandbox, lambda: missing.send_again(vos.deps, vos.actor, order))
    assert (called.count("GetRelaties"), called.count("AddFactuur")) == (0, 1)


def test_the_next_number_after_a_conflict_is_not_taken_for_somebody_else(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    pressed = press.approve(vos.deps, vos.actor, order)
    assert pressed.posting_id is not None
    with write_transaction() as session:
        row = posting.locked(session, pressed.posting_id)
        row.payload = row.payload.replace('"price":"62', '"price":"63')
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.CONFLICT
    swap(sandbox)
    before = len(to_whom(sandbox))
    with pytest.raises(Refusal, match="nu van"):
        conflicts.take_next_number(vos.deps, vos.actor, order)
    assert len(to_whom(sandbox)) == before
    swap(sandbox)
    assert conflicts.take_next_number(vos.deps, vos.actor, order).state == states.POSTED


@pytest.mark.times(customer_seen=timedelta(minutes=10))
def test_the_preview_of_many_shows_what_a_page_found(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    assert [one.id for one in bulk_preview.look(vos.deps, [order]).ready] == [order]
    swap(sandbox)
    asking_ahead.ask(vos.deps, vos.actor, order)
    (held,) = bulk_preview.look(vos.deps, [order]).held
    assert [one.key for one in held.blockers] == ["customer"]
    assert held.blockers[0].what.values["code"] == CODE
    swap(sandbox)
    asking_ahead.ask(vos.deps, vos.actor, order, again=True)
    assert [one.id for one in bulk_preview.look(vos.deps, [order]).ready] == [order]


def test_a_credit_is_asked_for_as_an_invoice_is(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    credit = make_order(vos.actor, row_of(CODE).id, lines=(line(quantity=Decimal(-2)),))
    swap(sandbox)
    with pytest.raises(Asked) as asked:
        press.approve(vos.deps, vos.actor, credit)
    yes = [one.answer for one in asked.value.questions]
    with pytest.raises(Blocked) as blocked:
        press.approve(vos.deps, vos.actor, credit, yes=yes)
    assert [one.key for one in blocked.value.blockers] == ["customer"]
    assert to_whom(sandbox) == []

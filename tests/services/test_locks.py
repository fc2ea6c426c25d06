"""Which rows each step of an invoice locks, and in which order: the link, the order, the posting, numbers.

SQLite's one write lock hides a forgotten FOR UPDATE, and on PostgreSQL only two people at the same moment would show
it: so what is asked of the database is looked at itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState

from domain import posting as states
from domain.notes import note
from domain.outcome import Uncertain
from models import InvoicePosting, WorkOrder
from services.invoicing import conflicts, intending, missing, posting, press, recovery
from services.transaction import write_transaction
from tenancy.fence import FencedSession
from tests.services.test_conflicts import change_ours, lost
from tests.support.sandbox_process import Sandbox

LINK, ORDER, POSTING, SERIES, NUMBER = "connection", "work_order", "invoice_posting", "number_series", "invoice_number"
# The order once more at the end, where the deed does not hold on to those it locked: what was decided says how far the
# orders of the posting are billed, and one of them may have come under it since it was looked up.
TOLD = ORDER
INTENT, OUTCOME = [LINK, ORDER], [ORDER, POSTING, NUMBER]


@pytest.fixture
def locks() -> Iterator[list[str]]:
    """The tables of which rows were locked, in order: to look at them, or by being changed."""
    seen: list[str] = []

    def look(state: ORMExecuteState) -> None:
        table = str(state.bind_mapper.local_table) if state.bind_mapper else ""
        if table in seen[-1:]:
            return  # a year's first number makes its series, and locks it again
        if state.is_update and table in {ORDER, POSTING, SERIES, NUMBER}:
            seen.append(table)
        if state.is_select:
            _before, locks, of = str(state.statement.compile(dialect=postgresql.dialect())).partition("FOR UPDATE")
            if locks:  # PostgreSQL locks in the order in which they are named (tests/postgres/test_locks.py)
                seen.extend(of.removeprefix(" OF ").split(", ") if of else [table])

    event.listen(FencedSession, "do_orm_execute", look)
    yield seen
    event.remove(FencedSession, "do_orm_execute", look)


def refused(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """The order's invoice was refused."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.REFUSED


def posted(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """The order's invoice stands there."""
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED


def uncertain(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """The answer was lost."""
    lost(vos, sandbox)


def in_conflict(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """Something else stands under its number."""
    lost(vos, sandbox)
    change_ours(vos, '"price":"62', '"price":"63')
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.CONFLICT


def gone(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """The order's invoice is not there any more."""
    posted(vos, sandbox)
    sandbox.remove_invoice("demo", live(vos).number)
    with write_transaction() as session:
        row = posting.locked(session, live(vos).id)
        posting.conclude(session, vos.actor, row, states.GONE, Uncertain(note("posting.gone")))


def live(vos: SimpleNamespace) -> InvoicePosting:
    """The order's live posting."""
    row = press.present_posting(vos.order_id)
    assert row is not None
    return row


Step = Callable[[SimpleNamespace], object]
STEPS: dict[str, tuple[Callable[..., None], Step, list[str]]] = {
    "approve": (
        lambda *_: None,
        lambda vos: press.approve(vos.deps, vos.actor, vos.order_id),
        [*INTENT, SERIES, *OUTCOME],
    ),
    "send again": (
        refused,
        lambda vos: press.send(vos.deps, vos.actor, vos.order_id),
        [*INTENT, POSTING, *OUTCOME],
    ),
    "give up": (refused, lambda vos: press.give_up(vos.actor, vos.order_id, "dubbel"), [LINK, ORDER, NUMBER, TOLD]),
    "note a correction": (posted, lambda vos: press.note_correction(vos.actor, vos.order_id, "uren"), [ORDER]),
    "read back": (posted, lambda vos: missing.read_back(vos.deps, vos.actor, live(vos).id), [LINK, ORDER, POSTING]),
    "look up": (uncertain, lambda vos: recovery.check(vos.deps, vos.actor, live(vos).id), [LINK, *OUTCOME, TOLD]),
    "accept": (in_conflict, lambda vos: conflicts.accept(vos.actor, vos.order_id), [*OUTCOME, TOLD]),
    "send what is gone": (
        gone,
        lambda vos: missing.send_again(vos.deps, vos.actor, vos.order_id),
        [LINK, ORDER, POSTING, *OUTCOME],
    ),
    "take the next number": (
        in_conflict,
        lambda vos: conflicts.take_next_number(vos.deps, vos.actor, vos.order_id),
        [LINK, ORDER, POSTING, SERIES, NUMBER, *OUTCOME],
    ),
}


@pytest.mark.parametrize(("before", "step", "expected"), STEPS.values(), ids=STEPS)
def test_a_step_locks_what_it_decides_about_the_link_first_then_the_order_then_the_posting(
    vos: SimpleNamespace,
    sandbox: Sandbox,
    locks: list[str],
    before: Callable[..., None],
    step: Step,
    expected: list[str],
) -> None:
    before(vos, sandbox)
    locks.clear()
    step(vos)
    assert locks == expected


def test_whoever_locks_a_row_sees_it_as_it_is_by_then_and_not_as_it_was_read(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    posted(vos, sandbox)
    with write_transaction() as session:
        order = session.scalars(select(WorkOrder).where(WorkOrder.id == vos.order_id)).one()
        row = live(vos)
        read = order.title, row.code
        quietly = {"synchronize_session": False}  # as somebody else's commit between the reading and the lock
        session.execute(
            update(WorkOrder).where(WorkOrder.id == order.id).values(title="Anders"), execution_options=quietly
        )
        session.execute(
            update(InvoicePosting).where(InvoicePosting.id == row.id).values(code="ANDERS"), execution_options=quietly
        )
        assert (order.title, row.code) == read
        assert intending.load_for_invoice(session, vos.order_id)[0].title == "Anders"
        assert posting.locked(session, row.id).code == "ANDERS"

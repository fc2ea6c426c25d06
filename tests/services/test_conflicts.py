"""Another invoice under our number: what must hold before ours goes out under the next one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.message import Refusal
from domain.notes import note
from gateways.bookkeeping import BookkeepingError
from models import AuditEntry
from services.invoicing import conflicts, posting, press, recovery
from services.link import connection
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.sandbox_process import Sandbox


def lost(vos: SimpleNamespace, sandbox: Sandbox) -> str:
    """An order whose answer was lost; its number."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.UNCERTAIN
    live = press.present_posting(vos.order_id)
    assert live is not None
    return live.number


def change_ours(vos: SimpleNamespace, was: str, now: str) -> None:
    """Make what we froze differ from what stands over there, or alike again."""
    with write_transaction() as session:
        row = press.live_posting(session, vos.order_id)
        assert row is not None
        assert was in row.payload
        row.payload = row.payload.replace(was, now)


@pytest.fixture
def conflict(vos: SimpleNamespace, sandbox: Sandbox) -> str:
    """A conflict; the number it is about."""
    number = lost(vos, sandbox)
    change_ours(vos, '"price":"62', '"price":"63')
    live = press.present_posting(vos.order_id)
    assert live is not None
    assert recovery.check(vos.deps, vos.actor, live.id) == states.CONFLICT
    return number


def stays(vos: SimpleNamespace, sandbox: Sandbox, number: str, says: str) -> None:
    """Nothing goes out, the number stays ours, and the reason is said."""
    sent = len(sandbox.calls("demo", "AddFactuur"))
    with pytest.raises(Refusal, match=says):
        conflicts.take_next_number(vos.deps, vos.actor, vos.order_id)
    live = press.present_posting(vos.order_id)
    assert live is not None
    assert (live.state, live.number) == (states.CONFLICT, number)
    assert len(sandbox.calls("demo", "AddFactuur")) == sent


def test_the_very_same_invoice_never_goes_out_a_second_time(
    vos: SimpleNamespace, sandbox: Sandbox, conflict: str
) -> None:
    change_ours(vos, '"price":"63', '"price":"62')
    stays(vos, sandbox, conflict, "precies deze factuur")


def test_without_an_invoice_over_there_nothing_is_another_one(
    vos: SimpleNamespace, sandbox: Sandbox, conflict: str
) -> None:
    sandbox.remove_invoice("demo", conflict)
    stays(vos, sandbox, conflict, "nu niets")


def test_what_cannot_be_looked_up_is_not_decided(vos: SimpleNamespace, sandbox: Sandbox, conflict: str) -> None:
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
    stays(vos, sandbox, conflict, "lukte niet")


def test_credentials_refused_while_looking_up_break_the_link_in_the_name_of_who_pressed(
    vos: SimpleNamespace, sandbox: Sandbox, conflict: str
) -> None:
    vos.deps.bookkeeping.forget(vos.actor.tenant_id)
    sandbox.mischief("demo", [{"kind": "password_changed"}])
    stays(vos, sandbox, conflict, "lukte niet")
    broke = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "connection.broke")).one()
    assert (broke.person_id, broke.person_name) == (vos.actor.person_id, vos.actor.person_name)


def switch_while_looking_up(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link is changed by somebody while the answer is on its way."""
    look_up = posting.find

    def changed_meanwhile(*given: object) -> object:
        found = look_up(*given)  # type: ignore[arg-type]
        connection.switch_feature(vos.actor, False)
        connection.switch_feature(vos.actor, True)
        return found

    monkeypatch.setattr(posting, "find", changed_meanwhile)


def test_an_answer_from_other_books_sends_nothing(
    vos: SimpleNamespace, sandbox: Sandbox, conflict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_while_looking_up(vos, monkeypatch)
    stays(vos, sandbox, conflict, "intussen gewijzigd")


def test_a_look_up_during_which_the_link_changed_concludes_nothing(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(vos, sandbox)
    switch_while_looking_up(vos, monkeypatch)
    live = press.present_posting(vos.order_id)
    assert live is not None
    assert recovery.check(vos.deps, vos.actor, live.id) == states.UNCERTAIN
    monkeypatch.undo()
    assert recovery.check(vos.deps, vos.actor, live.id) == states.POSTED


def while_looking_up(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Once, something happens while the answer is on its way."""
    look_up, still_to_happen = posting.find, [happens]

    def find(*given: object) -> object:
        found = look_up(*given)  # type: ignore[arg-type]
        if still_to_happen:
            still_to_happen.pop()()
        return found

    monkeypatch.setattr(posting, "find", find)


def test_who_decides_while_somebody_else_did_sends_nothing_and_is_told(
    vos: SimpleNamespace, sandbox: Sandbox, conflict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_else_is_first() -> None:
        """Their invoice goes out under the next number, and that one turns out to be a conflict as well."""
        sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
        conflicts.take_next_number(vos.deps, vos.actor, vos.order_id)
        change_ours(vos, '"price":"63', '"price":"64')
        live = press.present_posting(vos.order_id)
        assert live is not None
        assert recovery.check(vos.deps, vos.actor, live.id) == states.CONFLICT

    while_looking_up(monkeypatch, somebody_else_is_first)
    with pytest.raises(Refusal, match="u net voor"):
        conflicts.take_next_number(vos.deps, vos.actor, vos.order_id)
    live = press.present_posting(vos.order_id)
    assert live is not None
    assert (live.state, live.number != conflict) == (states.CONFLICT, True)
    assert len(sandbox.invoices("demo")) == 2


def test_with_the_link_off_both_sides_cannot_be_compared_and_that_is_said(
    vos: SimpleNamespace, sandbox: Sandbox, conflict: str
) -> None:
    live = press.present_posting(vos.order_id)
    assert live is not None
    found = posting.theirs(vos.deps, vos.actor, live.id)
    assert found is not None
    connection.switch_feature(vos.actor, False)
    asked = len(sandbox.calls("demo"))
    with pytest.raises(BookkeepingError) as raised:
        posting.theirs(vos.deps, vos.actor, live.id)
    assert raised.value.why == note("link.inactive")
    assert len(sandbox.calls("demo")) == asked

"""The page of an order asks ahead of a press whom the code leads to: once in the time an answer counts, and out of the
calls that are not kept for invoices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from domain import customer as rules
from domain import posting as states
from domain.customer import Standing
from gateways.bookkeeping import Credentials
from services.catalogue import relations
from services.invoicing import asking_ahead, press
from services.invoicing.press import Blocked
from services.link import connection
from services.orders import work_orders
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_customer_of_an_invoice import CODE, calls_of, change_there, row_of, swap
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox


@pytest.fixture
def order(vos: SimpleNamespace, sandbox: Sandbox) -> UUID:
    """An executed order for a customer that was read in, whom nobody asked for since."""
    relations.sync(vos.deps, vos.actor)
    return make_order(vos.actor, row_of(CODE).id)


def known(vos: SimpleNamespace, order_id: UUID) -> Standing:
    """What the page of the order shows."""
    db.session.rollback()
    found = work_orders.get(vos.actor, order_id)
    assert found
    return asking_ahead.known(vos.deps, found)


def test_asking_makes_one_call_and_the_press_that_follows_one(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID
) -> None:
    assert known(vos, order) == Standing()
    for called in (["GetRelaties"], [], []):
        assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, order)) == called
    assert known(vos, order).is_ours
    assert calls_of(sandbox, lambda: press.approve(vos.deps, vos.actor, order)) == ["AddFactuur"]


def test_a_press_that_asked_is_enough_for_the_next_page(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    press.approve(vos.deps, vos.actor, order)
    another = make_order(vos.actor, row_of(CODE).id)
    assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, another)) == []
    assert known(vos, another).is_ours


@pytest.mark.times(customer_seen=timedelta(minutes=10))
def test_it_is_asked_anew_when_it_is_long_ago(vos: SimpleNamespace, sandbox: Sandbox, order: UUID, leap: Any) -> None:
    asking_ahead.ask(vos.deps, vos.actor, order)
    leap(timedelta(minutes=11))
    assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, order)) == ["GetRelaties"]


def test_two_pages_at_once_ask_once(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    """Another page is opened while the answer to the first is on its way."""

    class Meanwhile:
        def __getattr__(self, name: str) -> Any:
            return getattr(vos.deps.bookkeeping, name)

        def relation(self, credentials: Credentials, code: str, **also: Any) -> Any:
            assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, order)) == []
            assert known(vos, order).said.key == rules.ASKING
            db.session.rollback()
            return vos.deps.bookkeeping.relation(credentials, code, **also)

    asking_ahead.ask(replace(vos.deps, bookkeeping=Meanwhile()), vos.actor, order)
    assert known(vos, order).is_ours


def test_a_code_of_somebody_else_is_told_until_a_person_looks_again(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID
) -> None:
    swap(sandbox)
    asking_ahead.ask(vos.deps, vos.actor, order)
    assert known(vos, order).said.key == rules.ANOTHER
    assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, order)) == []
    swap(sandbox)  # put right over there
    asking_ahead.ask(vos.deps, vos.actor, order, again=True)
    assert known(vos, order).is_ours


def test_what_was_seen_before_does_not_let_an_invoice_go_to_somebody_else(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID
) -> None:
    """The customer was seen a minute ago, and is not any more: the press has to ask for itself."""
    asking_ahead.ask(vos.deps, vos.actor, order)
    swap(sandbox)
    asking_ahead.ask(vos.deps, vos.actor, order, again=True)
    with pytest.raises(Blocked):
        press.approve(vos.deps, vos.actor, order)
    assert sandbox.invoices("demo") == []


def test_a_new_name_is_taken_over_and_told(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    before = row_of(CODE).name
    change_there(sandbox, CODE, Bedrijf="De Opvolger B.V.", Plaats="Delft")
    asking_ahead.ask(vos.deps, vos.actor, order)
    found = known(vos, order)
    assert (found.said.key, found.is_ours) == (rules.CHANGED, True)
    assert found.said.values == {"code": CODE, "before": before, "there": "De Opvolger B.V., Delft"}
    assert row_of(CODE).name == "De Opvolger B.V."


def test_a_code_that_is_not_there_is_told(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    sandbox.relations("demo", {"remove": [CODE]})
    asking_ahead.ask(vos.deps, vos.actor, order)
    assert known(vos, order).said.key == rules.NOBODY


def test_no_answer_is_told_and_asked_for_once(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    for called in (["GetRelaties"], []):
        assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, order)) == called
        assert known(vos, order).said.key == rules.NOT_ASKED
    assert press.approve(vos.deps, vos.actor, order).state == states.POSTED


def test_what_is_kept_for_invoices_is_not_spent(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    """The day's calls but for those of invoices are used up: the page is told so, and the press goes on."""
    budget = vos.deps.bookkeeping._budget
    today = vos.deps.bookkeeping.calls_today(vos.actor.tenant_id)
    for _ in range(today.most - today.kept - today.made):
        budget.spend(vos.actor.tenant_id, "GetRelaties")
    assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, order)) == []
    assert known(vos, order).said.key == rules.NOT_ASKED
    assert press.approve(vos.deps, vos.actor, order).state == states.POSTED


def test_nobody_is_asked_while_they_take_no_calls(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID, leap: Any
) -> None:
    with write_transaction() as session:
        row = connection.locked(session)
        row.paused_until = row.active_since and row.active_since + timedelta(hours=1)
    assert calls_of(sandbox, lambda: asking_ahead.ask(vos.deps, vos.actor, order)) == []
    assert known(vos, order).said.values["why"].key == "call.paused"


def test_another_code_than_was_asked_about_keeps_nothing_of_the_answer(
    vos: SimpleNamespace, sandbox: Sandbox, order: UUID
) -> None:
    class Meanwhile:
        def __getattr__(self, name: str) -> Any:
            return getattr(vos.deps.bookkeeping, name)

        def relation(self, *given: Any, **also: Any) -> Any:
            found = vos.deps.bookkeeping.relation(*given, **also)
            with write_transaction() as session:
                relations.locked(session, row_of(CODE).id).code = "4242"
            return found

    asking_ahead.ask(replace(vos.deps, bookkeeping=Meanwhile()), vos.actor, order)
    assert known(vos, order) == Standing()


def test_the_answer_of_other_books_is_not_kept(vos: SimpleNamespace, sandbox: Sandbox, order: UUID) -> None:
    class Meanwhile:
        def __getattr__(self, name: str) -> Any:
            return getattr(vos.deps.bookkeeping, name)

        def relation(self, *given: Any, **also: Any) -> Any:
            found = vos.deps.bookkeeping.relation(*given, **also)
            with write_transaction() as session:
                connection.locked(session).version += 1
            return found

    asking_ahead.ask(replace(vos.deps, bookkeeping=Meanwhile()), vos.actor, order)
    assert not known(vos, order).is_ours
    assert row_of(CODE).seen_there_at is None

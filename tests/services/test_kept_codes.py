"""The codes of an administration that was left look up what is open there, do nothing else, and go when nothing is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from domain import posting as states
from domain.message import Refusal
from gateways.bookkeeping import BookkeepingError, Credentials
from jobs import rounds
from models import Administration, AuditEntry, InvoiceNumber, InvoicePosting, Relation
from services import key_rotation
from services.catalogue import connecting
from services.invoicing import left_behind, missing, posting, press, recovery
from services.link import connection, kept_codes
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.services.test_conflicts import change_ours, lost
from tests.services.test_elsewhere import asked, books, both, live, settings_looked_at  # noqa: F401 - both is a fixture
from tests.services.test_keys import BOTH, NEW, OLD, with_keys
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox


def move(vos: SimpleNamespace, sandbox: Sandbox, name: str = "bouw", keep: bool = True) -> None:
    """The link goes to another administration; the customer was seen there just now."""
    given = sandbox.credentials(name)
    connection.save_credentials(vos.deps, vos.actor, given["username"], given["code1"], given["code2"], keep=keep)
    assert connecting.start(vos.deps, vos.actor).ok
    settings_looked_at(vos)
    with write_transaction() as session:
        mine = update(Relation).where(Relation.id == vos.relation_id)
        session.execute(mine.values(seen_there_at=database_now(session), remote_id=None))


def kept() -> list[int]:
    db.session.rollback()
    return [row.number for row in kept_codes.kept()]


def sealed() -> list[str]:
    """Every sealed code that an administration has."""
    db.session.rollback()
    rows = db.session.execute(select(Administration.code1_sealed, Administration.code2_sealed))
    return [text for row in rows for text in row if text]


def events() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry.event).where(AuditEntry.event.like("connection.%kept%"))))


def after_the_window(vos: SimpleNamespace, leap: Callable[[timedelta], None]) -> None:
    leap(vos.deps.settings.times.lease + vos.deps.settings.times.quiet_window + timedelta(seconds=1))


def test_what_arrived_is_found_there_and_then_the_codes_go(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    number = lost(vos, sandbox)
    move(vos, sandbox)
    assert (kept(), connection.can_ask(1), connection.is_linked(1)) == ([1], True, False)
    left_behind.carry_on(vos.deps, vos.actor)
    assert kept() == [1], "it is uncertain still"

    before = asked(sandbox)
    rounds.every_minute(vos.deps)
    process("vos")
    assert live(vos).state == states.POSTED
    assert (kept(), sealed()) == ([], [])
    assert events() == ["connection.codes_kept", "connection.kept_erased"]
    assert asked(sandbox) == before, "the other administration is not asked about it"
    assert (books(sandbox, "demo"), books(sandbox, "bouw")) == ([number], [])


def test_what_did_not_arrive_is_not_sent_again_and_a_person_ends_it(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer", "act": "never"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.UNCERTAIN
    move(vos, sandbox)
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.UNCERTAIN
    after_the_window(vos, leap)
    sent = len(sandbox.calls("demo", "AddFactuur"))
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.NOT_SENT
    assert live(vos).why.key == "look_up.not_there"
    assert live(vos).attempted_uncertain, "to the other one it goes only after somebody let it go"
    assert len(sandbox.calls("demo", "AddFactuur")) == sent
    with pytest.raises(Refusal, match="andere administratie"):
        press.send(vos.deps, vos.actor, vos.order_id)

    left_behind.carry_on(vos.deps, vos.actor)
    assert kept() == []
    number = live(vos).number
    press.give_up(vos.actor, vos.order_id, "daar kwam hij niet aan")
    assert db.session.scalars(select(InvoiceNumber.state).where(InvoiceNumber.number == number)).all() == [states.VOID]
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert books(sandbox, "demo") == []
    assert len(books(sandbox, "bouw")) == 1


def test_back_in_its_own_administration_it_goes_out_under_its_number(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer", "act": "never"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    number = live(vos).number
    move(vos, sandbox)
    after_the_window(vos, leap)
    recovery.check(vos.deps, vos.actor, live(vos).id)
    move(vos, sandbox, "demo")
    assert kept() == [], "the link has them itself now"
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert books(sandbox, "demo") == [number]


def test_between_saving_other_codes_and_starting_with_them_it_is_looked_up(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    lost(vos, sandbox)
    connection.save_credentials(vos.deps, vos.actor, "ander", "x", "y", keep=True)
    connection.save_credentials(vos.deps, vos.actor, "nog ander", "x", "y", keep=True)
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.POSTED


def test_after_undoing_the_link_it_is_looked_up_and_nothing_else_is_called(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    lost(vos, sandbox)
    assert connection.undo(vos.deps, vos.actor, keep=True)
    assert connection.active_credentials(vos.deps) is None
    before = len(sandbox.calls("demo"))
    rounds.every_minute(vos.deps)
    process("vos")
    assert live(vos).state == states.POSTED
    asked_for = [call["operation"] for call in sandbox.calls("demo")[before:]]
    assert set(asked_for) <= {"OpenSession", "GetFacturen", "CloseSession"}
    assert sealed() == []


@pytest.mark.parametrize("leave", ["save", "undo"])
def test_who_says_no_keeps_nothing(vos: SimpleNamespace, sandbox: Sandbox, leave: str) -> None:
    lost(vos, sandbox)
    if leave == "undo":
        assert not connection.undo(vos.deps, vos.actor)
    else:
        move(vos, sandbox, keep=False)
    assert (kept(), sealed()) == ([], [])
    recovery.check(vos.deps, vos.actor, live(vos).id)
    assert live(vos).state == states.UNCERTAIN


def test_with_nothing_open_there_nothing_is_kept(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    missing.read_back(vos.deps, vos.actor, live(vos).id)
    move(vos, sandbox)
    assert (kept(), sealed()) == ([], [])


def test_codes_that_were_refused_are_not_kept(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    with write_transaction() as session:
        connection.locked(session).state = "broken"
    move(vos, sandbox)
    assert kept() == []


def test_a_conflict_is_compared_and_what_is_gone_is_searched_for_before_it_is_let_go(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    lost(vos, sandbox)
    change_ours(vos, '"price":"62', '"price":"63')
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.CONFLICT
    move(vos, sandbox)
    left_behind.carry_on(vos.deps, vos.actor)
    assert kept() == [1]
    there = posting.theirs(vos.deps, vos.actor, live(vos).id)
    assert there is not None
    with write_transaction() as session:
        session.execute(update(InvoicePosting).values(state=states.GONE))
    change_ours(vos, '"price":"63', '"price":"62')
    missing.let_go(vos.deps, vos.actor, vos.order_id, "daar weg")
    assert live(vos).state == states.POSTED, "it was there after all"


def test_while_it_can_be_looked_up_nobody_lets_it_go_unseen(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    with pytest.raises(Refusal, match="nog onderweg"):
        press.give_up(vos.actor, vos.order_id, "weg ermee")
    left_behind.erase(vos.deps, vos.actor, 1)
    assert (kept(), sealed()) == ([], [])
    press.give_up(vos.actor, vos.order_id, "weg ermee")


def test_refused_over_there_they_go_and_the_link_stays(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    sandbox.change_password("demo")
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.UNCERTAIN
    assert (kept(), sealed()) == ([], [])
    assert connection.is_active()
    calls = len(sandbox.calls("demo"))
    recovery.check(vos.deps, vos.actor, live(vos).id)
    assert len(sandbox.calls("demo")) == calls, "nobody knocks with codes that were refused"


def credentials(vos: SimpleNamespace) -> Credentials:
    db.session.rollback()
    found = connection.credentials_of(vos.deps, 1)
    db.session.rollback()
    assert found is not None
    assert found.only_look_up
    return found


def test_with_kept_codes_nothing_but_a_look_up_leaves(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    by, port = credentials(vos), vos.deps.bookkeeping
    draft = posting.thawed(vos.deps, live(vos))
    db.session.rollback()
    before = len(sandbox.calls("demo"))
    assert type(port.post_invoice(by, draft, time.monotonic() + 5)).__name__ == "NotSent"
    for ask in (
        lambda: port.relations(by), lambda: port.articles(by), lambda: port.ledger_accounts(by),
        lambda: port.administration(by), lambda: port.relation(by, "101"), lambda: port.article(by, "A"),
        lambda: port.update_relation(by, 1, {"name": "x"}),
    ):  # fmt: skip
        with pytest.raises(BookkeepingError):
            ask()
    assert len(sandbox.calls("demo")) == before
    assert port.find_invoice(by, draft.number) is not None


def test_where_the_call_leaves_kept_codes_send_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    by, sent = credentials(vos), len(sandbox.calls("demo", "AddFactuur"))
    with write_transaction() as session:
        row = posting.locked(session, live(vos).id)
        intent = posting.begin(session, vos.deps, vos.actor, row, posting.thawed(vos.deps, row), repeated=True)
    blind = SimpleNamespace(post_invoice=None)  # whatever would be called
    deps = replace(vos.deps, bookkeeping=blind)
    assert posting.carry_out(deps, vos.actor, by, intent) == states.NOT_SENT
    assert len(sandbox.calls("demo", "AddFactuur")) == sent


def test_codes_of_another_administration_in_its_row_open_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    from services.sealing import seal

    other = sandbox.credentials("bouw")
    with write_transaction() as session:
        row = session.scalars(select(Administration).where(Administration.number == 1)).one()
        keys = vos.deps.settings.credentials_keys
        row.username = other["username"]
        row.code1_sealed = seal(keys, other["code1"], kept_codes.place(row, "code1"))
        row.code2_sealed = seal(keys, other["code2"], kept_codes.place(row, "code2"))
    assert connection.credentials_of(vos.deps, 1) is None


def test_an_answer_to_codes_that_were_erased_meanwhile_changes_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    by = credentials(vos)
    left_behind.erase(vos.deps, vos.actor, 1)
    with write_transaction() as session, pytest.raises(connection.LinkChanged):
        connection.still(session, by)


def test_they_count_on_their_own(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    by, mine = credentials(vos), connection.active_credentials(vos.deps)
    db.session.rollback()
    assert mine is not None
    assert by.books != mine.books
    before = vos.deps.bookkeeping.calls_today(vos.tenant_id).made
    vos.deps.bookkeeping.find_invoice(by, "WB2026-0001")
    assert vos.deps.bookkeeping.calls_today(vos.tenant_id).made == before
    vos.deps.bookkeeping.find_invoice(mine, "WB2026-0001")
    opened = len(sandbox.calls("demo", "OpenSession"))
    vos.deps.bookkeeping.find_invoice(by, "WB2026-0001")
    assert len(sandbox.calls("demo", "OpenSession")) == opened, "the link's session does not push theirs out"


def test_a_new_key_seals_them_too(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    given = sandbox.credentials("demo")
    move(vos, sandbox)
    assert key_rotation.count(OLD).unreadable == []
    assert key_rotation.rotate(BOTH) > 0
    process("vos")
    found = connection.credentials_of(with_keys(vos.deps, NEW), 1)
    assert found is not None
    assert (found.code1.reveal(), found.code2.reveal()) == (given["code1"], given["code2"])


def test_they_are_never_shown(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    shown = repr(credentials(vos))
    given = sandbox.credentials("demo")
    assert given["code1"] not in shown
    assert given["code2"] not in shown

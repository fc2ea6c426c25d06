"""What was chosen for one administration is asked again in another, and holds again in its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from domain import posting as states
from domain.message import Refusal
from models import Connection, LedgerAccount, Relation, Tenant
from services.invoicing import invoice_settings, press
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.services.test_elsewhere import both  # noqa: F401 - a fixture
from tests.support.sandbox_process import Sandbox


def known_there(vos: SimpleNamespace) -> None:
    """The customer was seen in the administration that is linked."""
    with write_transaction() as session:
        mine = update(Relation).where(Relation.id == vos.relation_id)
        session.execute(mine.values(seen_there_at=database_now(session), remote_id=None))


def stands() -> invoice_settings.InvoiceSettings:
    db.session.rollback()
    return invoice_settings.present()


def test_in_another_administration_they_wait_and_nothing_is_sent_by_them(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    assert not stands().waits
    link_with(vos, sandbox, "bouw", settings=False)
    known_there(vos)
    assert stands().waits
    with pytest.raises(press.Blocked) as blocked:
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert [one.key for one in blocked.value.blockers] == ["settings_wait"]
    assert [one.mend for one in blocked.value.blockers] == ["invoice_settings"]
    assert sandbox.calls("bouw", "AddFactuur") == []

    assert invoice_settings.save(vos.actor, stands()), "to say that they hold here is a change"
    assert not stands().waits
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED


def test_back_in_their_own_they_hold_again_and_so_do_the_others(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    first = replace(stands(), template="Sjabloon A", term_days=21)
    first = replace(first, lines={kind: replace(line, code=f"A-{kind}") for kind, line in first.lines.items()})
    invoice_settings.save(vos.actor, first)
    link_with(vos, sandbox, "bouw", settings=False)
    assert (stands().template, stands().term_days) == ("Sjabloon A", 21), "a proposal"
    second = replace(stands(), template="Sjabloon B", term_days=8)
    second = replace(second, lines={kind: replace(line, code=f"B-{kind}") for kind, line in second.lines.items()})
    invoice_settings.save(vos.actor, second)

    link_with(vos, sandbox, "demo", settings=False)
    assert (stands().template, stands().term_days, stands().waits) == ("Sjabloon A", 21, False)
    assert stands().lines == first.lines
    link_with(vos, sandbox, "bouw", settings=False)
    assert (stands().template, stands().term_days, stands().waits) == ("Sjabloon B", 8, False)
    assert stands().lines == second.lines


def test_what_nobody_chose_there_is_not_taken_for_its_own(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    invoice_settings.save(vos.actor, replace(stands(), template="Sjabloon A"))
    link_with(vos, sandbox, "bouw", settings=False)
    link_with(vos, sandbox, "demo", settings=False)
    assert (stands().template, stands().waits) == ("Sjabloon A", False)
    link_with(vos, sandbox, "bouw", settings=False)
    assert stands().waits


def test_new_codes_of_the_same_administration_change_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    link_with(vos, sandbox, "demo", settings=False, code1=sandbox.change_password("demo"))
    assert not stands().waits


def test_a_ledger_account_that_is_not_there_is_no_choice_any_more(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    kind, account = "hours", "8000"
    lines = dict(stands().lines)
    lines[kind] = replace(lines[kind], ledger_code=account)
    invoice_settings.save(vos.actor, replace(stands(), lines=lines))
    link_with(vos, sandbox, "bouw", settings=False)
    with write_transaction() as session:
        for row in session.scalars(select(LedgerAccount).where(LedgerAccount.code == account)):
            session.delete(row)
    with pytest.raises(Refusal) as refused:
        invoice_settings.save(vos.actor, stands())
    assert refused.value.field == f"{kind}_ledger"


def test_that_books_hold_more_than_we_know_stays_with_them(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    day = date.today() - timedelta(days=9)
    with write_transaction() as session:
        link = session.scalars(select(Connection)).one()
        link.behind_since = since = session.scalars(select(Tenant.created_at)).first()
        link.look_back_from = day
    link_with(vos, sandbox, "bouw", settings=False)
    assert (connection.present().behind_since, connection.present().look_back_from) == (None, None)
    link_with(vos, sandbox, "demo", settings=False)
    assert (connection.present().behind_since, connection.present().look_back_from) == (since, day)
    link_with(vos, sandbox, "bouw", settings=False)
    assert connection.present().behind_since is None

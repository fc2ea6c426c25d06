"""A round costs what there is to do: tenants without work are not looked at, and no work that is brought gets lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, select

from domain import posting as states
from domain.link import LinkState
from jobs import rounds
from jobs.lanes import Lanes
from models import AuditEntry, DueWork, Tenant, TenantStatus
from oversight.audit_trail import record
from services import due_work, purging
from services.company import status, tenants
from services.invoicing import posting, press
from services.link import runs
from services.people import login_sessions
from services.trail import seals
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import Base, db
from tenancy.fence import enter
from tests.support.cast import process
from tests.support.lanes import finished, patient
from tests.support.sandbox_process import Sandbox
from tests.support.statements import counted

HUNDREDS = 300


def idle(number: int) -> None:
    """So many more tenants with nothing to do, each with a link that was switched on."""
    tables = Base.metadata.tables
    with db.engine.begin() as connection:
        known = connection.execute(select(Tenant.id)).scalars().all()
        ids = range(max(known) + 1, max(known) + 1 + number)
        now = datetime.now(UTC)
        rows = [{"id": one, "slug": f"stil-{one}", "name": "Stil", "created_at": now} for one in ids]
        connection.execute(insert(tables["tenant"]), rows)
        some = [{"tenant_id": one, "link_state": LinkState.OFF, "refused": 1, "uncertain": 0} for one in ids]
        connection.execute(insert(tables["tenant_status"]), some)


def marks(tenant_id: int) -> set[str]:
    """Which kinds of work a tenant has, due or not yet."""
    tenants.leave()
    found = set(db.session.scalars(select(DueWork.what).where(DueWork.tenant_id == tenant_id)))
    tenants.leave()
    return found


@patient
def test_rounds_and_numbers_ask_as_much_with_hundreds_of_idle_tenants_as_with_three(
    app: Flask, vos: SimpleNamespace, leap: Callable[[timedelta], None]
) -> None:
    lanes = Lanes(app, vos.deps)

    def everything() -> list[int]:
        sizes = []
        for work in (
            lambda: rounds.every_minute(vos.deps),
            lanes.start_all,
            lambda: rounds.every_hour(vos.deps),
            lambda: rounds.every_night(vos.deps),
            status.unsettled,
        ):
            tenants.leave()
            with counted() as statements:
                work()
            sizes.append(len(statements))
        finished(lanes)
        return sizes

    leap(timedelta(minutes=5))
    everything()  # what the cast left to do
    leap(timedelta(minutes=5))
    everything()  # what the night's syncs left to do
    leap(timedelta(minutes=5))
    few = everything()
    idle(HUNDREDS)
    assert everything() == few
    assert sum(few) < 60


def test_a_round_looks_at_the_tenants_with_work_and_at_no_other(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds.every_minute(vos.deps)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    process("vos")
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert due_work.POSTINGS in marks(vos.tenant_id)
    seen: list[int] = []
    real = status.count_postings
    monkeypatch.setattr(status, "count_postings", lambda tenant_id: (seen.append(tenant_id), real(tenant_id)))
    rounds.every_minute(vos.deps)
    rounds.every_minute(vos.deps)
    assert seen == [vos.tenant_id]
    assert due_work.POSTINGS not in marks(vos.tenant_id)


def test_an_uncertain_posting_stays_due_until_it_is_settled(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.UNCERTAIN
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
    rounds.every_minute(vos.deps)
    assert due_work.POSTINGS in marks(vos.tenant_id)
    sandbox.mischief("demo", [])
    rounds.every_minute(vos.deps)
    rounds.every_minute(vos.deps)
    assert due_work.POSTINGS not in marks(vos.tenant_id)


def test_work_that_is_brought_while_somebody_looks_stays(vos: SimpleNamespace) -> None:
    actor = process("vos")

    def bring() -> None:
        with write_transaction() as session:
            record(session, actor, "location.changed", name="intussen")

    bring()

    def finds_nothing_but_then() -> None:
        bring()

    due_work.settle(vos.tenant_id, due_work.SEAL, finds_nothing_but_then)
    assert due_work.SEAL in marks(vos.tenant_id)
    process("vos")
    due_work.settle(vos.tenant_id, due_work.SEAL, lambda: None)
    assert due_work.SEAL not in marks(vos.tenant_id)


def test_marks_stand_as_long_as_an_invoice_is_under_way_so_that_its_outcome_needs_none(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sends = posting.carry_out

    def slowly(*given: Any) -> str:
        seals.seal(vos.deps.settings.audit_keys, vos.tenant_id, timedelta(0))  # all of it, however young
        assert unsealed(vos) == 0
        process("vos")
        return sends(*given)

    monkeypatch.setattr(posting, "carry_out", slowly)
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert unsealed(vos) == 1
    assert {due_work.POSTINGS, due_work.SEAL} <= marks(vos.tenant_id)
    for _round in range(2):
        leap(timedelta(minutes=5))
        rounds.every_minute(vos.deps)
    assert unsealed(vos) == 0
    assert not {due_work.POSTINGS, due_work.SEAL} & marks(vos.tenant_id)


def unsealed(vos: SimpleNamespace) -> int:
    """How many entries of the trail stand behind the last seal."""
    (verdict,) = seals.verify(vos.deps.settings.audit_keys, "vos")
    tenants.leave()
    return verdict.unsealed


def test_an_outcome_that_comes_while_postings_are_counted_leaves_them_to_be_counted_again(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends, counts, under_way = posting.carry_out, status.count_postings, []
    monkeypatch.setattr(posting, "carry_out", lambda *given: under_way.append(given) or states.SENDING)
    press.approve(vos.deps, vos.actor, vos.order_id)

    def counts_and_then(tenant_id: int) -> None:
        counts(tenant_id)
        sends(*under_way.pop())

    monkeypatch.setattr(status, "count_postings", counts_and_then)
    assert rounds._left(process("vos")) is not None, "it was counted as under way"


def test_what_is_rolled_back_brings_no_work(vos: SimpleNamespace, leap: Callable[[timedelta], None]) -> None:
    leap(timedelta(minutes=5))
    rounds.every_minute(vos.deps)
    assert due_work.SEAL not in marks(vos.tenant_id)
    actor = process("vos")

    def fails() -> None:
        with write_transaction() as session:
            record(session, actor, "location.changed", name="nooit")
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with write_transaction() as session:
        session.add(Tenant(slug="ander", name="Ander", created_at=database_now(session)))
    assert due_work.SEAL not in marks(vos.tenant_id)


def test_a_run_is_due_when_whoever_reads_it_falls_silent(
    vos: SimpleNamespace, leap: Callable[[timedelta], None]
) -> None:
    process("vos")
    due_work.settle(vos.tenant_id, due_work.READ, runs.next_due)
    assert runs.begin(vos.deps, vos.actor, "relations")
    tenants.leave()
    assert due_work.tenants_with(due_work.READ) == []
    leap(timedelta(hours=1))
    tenants.leave()
    assert due_work.tenants_with(due_work.READ) == [vos.tenant_id]


def test_a_suspended_tenant_is_sealed_and_nothing_else(vos: SimpleNamespace) -> None:
    process("vos")
    with write_transaction() as session:
        session.get_one(Tenant, vos.tenant_id).suspended_at = database_now(session)
        for what in (due_work.POSTINGS, due_work.SEAL):
            row = DueWork(tenant_id=vos.tenant_id, what=what, due_at=database_now(session), stamp=uuid4())
            session.merge(row)
    assert due_work.tenants_with(due_work.POSTINGS) == []
    assert vos.tenant_id not in due_work.tenants_with(due_work.SEAL)
    assert vos.tenant_id in due_work.tenants_with(due_work.SEAL, suspended=True)  # the neighbour's may be due by now


def test_the_trail_is_sealed_in_bounded_steps_and_the_rest_stays_due(
    vos: SimpleNamespace, leap: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST", 1)
    monkeypatch.setattr(seals, "AT_ONCE", 2)
    for name in "abcde":
        actor = process("vos")
        with write_transaction() as session:
            record(session, actor, "location.changed", name=name)
    leap(timedelta(minutes=5))
    rounds.every_minute(vos.deps)
    assert due_work.SEAL in marks(vos.tenant_id)
    tenants.leave()
    enter(db.session(), vos.tenant_id)
    moments = len(db.session.scalars(select(AuditEntry.at).distinct()).all())  # what is of one moment has one seal
    for _ in range(moments):
        rounds.every_minute(vos.deps)
    tenants.leave()
    assert db.session.get_one(TenantStatus, vos.tenant_id).seals == moments
    assert due_work.SEAL not in marks(vos.tenant_id)


def test_the_nightly_syncs_begin_spread_over_the_night(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    process("vos")
    with write_transaction() as session:
        for row in session.scalars(select(TenantStatus)):
            row.link_state = LinkState.ACTIVE
    tenants.leave()
    asked: list[int] = []
    monkeypatch.setattr(status, "claim_night", lambda tenant_id, _night: bool(asked.append(tenant_id)))
    per_part = []
    for part in range(1, rounds.NIGHT_PARTS + 1):
        asked.clear()
        rounds.every_night(vos.deps, part)
        per_part.append(len(asked))
    assert per_part[0] == 0
    assert per_part[-1] >= 1
    assert per_part == sorted(per_part)


def test_what_is_long_over_is_thrown_away_in_short_steps(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "STEP", 2)
    for number in range(5):
        login_sessions.save(f"oud-{number}", {}, new=True)
    long_ago = datetime.now(UTC) - timedelta(days=400)
    with db.engine.begin() as connection:
        sessions = Base.metadata.tables["login_session"]
        connection.execute(sessions.update().where(sessions.c.person_id.is_(None)).values(seen_at=long_ago))
    with counted() as statements:
        login_sessions.purge(vos.deps.settings.times)
    assert sum(one.startswith("DELETE") for one in statements) == 3 + 2

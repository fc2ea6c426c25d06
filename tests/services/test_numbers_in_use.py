"""Numbers of our series that are in use over there: the next free one comes from one list, and what is said is true."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain import bulk as rules
from domain import posting as states
from domain.notes import note
from domain.numbering import written
from gateways.bookkeeping import Bookkeeping
from jobs.lanes import Lanes
from models import BulkJob, Connection, InvoiceNumber, InvoicePosting, Relation, WorkOrder
from services.invoicing import bulk, press
from services.invoicing.in_use import IN_A_ROW, InUse
from services.link import connection
from tenancy.clock import today
from tenancy.database import db
from tests.services.test_bulk import job_of, numbers, orders, shown
from tests.services.test_what_is_written import attempts, row
from tests.support.books import put_a_foreign_invoice
from tests.support.lanes import finished, patient
from tests.support.sandbox_process import Sandbox


def ours(first: int, last: int) -> list[str]:
    """Numbers of our series of this year."""
    return [written("WB", today(db.session()).year, serial) for serial in range(first, last + 1)]


def of_others(vos: SimpleNamespace, last: int) -> list[str]:
    """Somebody used the first numbers of our series over there."""
    used = ours(1, last)
    for number in used:
        put_a_foreign_invoice(vos, number)
    return used


def calls(sandbox: Sandbox, operation: str) -> int:
    """How often they were asked."""
    return len(sandbox.calls("demo", operation))


def known(number: str) -> tuple[str, str]:
    """A number's state here, and the key of why."""
    found = db.session.scalars(select(InvoiceNumber).where(InvoiceNumber.number == number)).one()
    return found.state, found.reason.key


def test_the_next_free_number_is_found_from_one_list(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    used = of_others(vos, 9)
    sent, looked = calls(sandbox, "AddFactuur"), calls(sandbox, "GetFacturen")
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert row(vos).number == ours(10, 10)[0]
    assert calls(sandbox, "AddFactuur") - sent == 2
    assert calls(sandbox, "GetFacturen") - looked == 2, "whose the first is, and the list"
    assert {known(number) for number in used} == {(states.TAKEN, "number.taken_by")}
    assert row(vos).note == note("posting.earlier_number_taken", number=used[0])
    assert len(numbers(sandbox)) == len(set(numbers(sandbox))) == 10


def test_a_list_that_does_not_come_proves_nothing_and_the_truth_is_said(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    used = of_others(vos, 5)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503", "skip": 1}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.NOT_SENT
    why = row(vos).why
    assert (why.key, why.values["n"]) == (IN_A_ROW, "3")
    assert [one.values["number"] for one in why.values["numbers"]] == used[:3]  # type: ignore[attr-defined]
    assert {(one.values["code"]) for one in why.values["numbers"]} == {"1001"}  # type: ignore[attr-defined]
    assert why.values["listed"] == note("posting.list_proves_nothing")
    assert [one.number for one in attempts(vos)] == ours(1, 4)
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED, "the next press has a list of its own"
    assert row(vos).number == ours(6, 6)[0]


def test_a_list_that_may_be_cut_off_is_used_for_what_it_shows(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_others(vos, 4)
    monkeypatch.setattr("services.invoicing.in_use.proves_absence", lambda size, lost: False)
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert row(vos).number == ours(5, 5)[0]


def test_no_other_number_is_tried_after_the_press_had_its_time(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    of_others(vos, 5)
    hurried = replace(vos.deps.settings, times=replace(vos.deps.settings.times, press_seconds=0))
    sent, looked = calls(sandbox, "AddFactuur"), calls(sandbox, "GetFacturen")
    pressed = press.approve(replace(vos.deps, settings=hurried), vos.actor, vos.order_id)
    assert (pressed.state, row(vos).why.values["n"]) == (states.NOT_SENT, "1")
    assert (calls(sandbox, "AddFactuur") - sent, calls(sandbox, "GetFacturen") - looked) == (1, 1)


def test_none_is_passed_over_before_it_is_known_whose_it_is(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """The first is somebody else's; the second names an order of ours, and we never gave that number out."""
    first, second = ours(1, 2)
    (other,) = orders(vos, 1)
    named = db.session.scalars(select(WorkOrder.number).where(WorkOrder.id == other)).one()
    code = db.session.scalars(select(Relation.code).where(Relation.id == vos.relation_id)).one()
    put_a_foreign_invoice(vos, first)
    put_a_foreign_invoice(vos, second, f"Werkbon {named}, uitgevoerd 3-11-2026, hier", code)
    sent = calls(sandbox, "AddFactuur")
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert calls(sandbox, "AddFactuur") - sent == 1
    last = db.session.scalars(select(InvoicePosting).order_by(InvoicePosting.id.desc()).limit(1)).one()
    assert last.state in {states.REFUSED, states.ABANDONED}, "the look that follows lets go a number of somebody else"
    assert ours(3, 3)[0] not in db.session.scalars(select(InvoiceNumber.number)).all()
    assert db.session.scalars(select(Connection.behind_since)).one() is not None


def test_a_job_reads_the_list_once(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    of_others(vos, 6)
    job_id = job_of(vos, orders(vos, 4))
    sent, looked = calls(sandbox, "AddFactuur"), calls(sandbox, "GetFacturen")
    bulk.carry_out(vos.deps, vos.actor, job_id)
    assert shown(job_id) == [states.POSTED] * 4
    assert calls(sandbox, "AddFactuur") - sent == 5
    assert calls(sandbox, "GetFacturen") - looked == 2
    assert set(ours(7, 10)) <= set(numbers(sandbox))


class BothAtOnce:
    """The real bookkeeping, in which two lanes come to a number that is in use at the same moment."""

    def __init__(self, real: Bookkeeping) -> None:
        self._real, self._meet, self._seen = real, threading.Barrier(2, timeout=60), 0
        self.lists = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def find_invoice(self, *given: Any) -> Any:
        found = self._real.find_invoice(*given)
        self._seen += 1
        if self._seen <= 2:
            self._meet.wait()
        return found

    def invoices_between(self, *given: Any) -> Any:
        self.lists += 1
        return self._real.invoices_between(*given)


@patient
def test_two_lanes_read_the_list_of_their_job_once(app: Flask, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    of_others(vos, 6)
    job_id = job_of(vos, orders(vos, 4))
    books = BothAtOnce(vos.deps.bookkeeping)
    lanes = Lanes(app, replace(vos.deps, bookkeeping=books))
    lanes.start(vos.tenant_id)
    finished(lanes)
    assert shown(job_id) == [states.POSTED] * 4
    assert books.lists == 1
    assert set(ours(7, 10)) <= set(numbers(sandbox))


def test_the_list_of_another_year_is_another_list(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    used = of_others(vos, 2)
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    year, known_of = today(db.session()).year, InUse()
    looked = calls(sandbox, "GetFacturen")
    for asked in (year - 1, year, year, year - 1):
        known_of.ask(vos.deps, vos.actor, credentials, asked, 30)
    assert calls(sandbox, "GetFacturen") - looked == 2
    assert known_of.is_whole(year)
    assert [one.number for one in known_of.following(db.session(), year, 1)] == used


def test_a_job_that_gets_no_list_asks_for_it_once_and_stops_with_the_reason(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    of_others(vos, 12)
    job_id = job_of(vos, orders(vos, 4))
    looked = calls(sandbox, "GetFacturen")
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503", "skip": 1}])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    db.session.rollback()
    job = db.session.scalars(select(BulkJob).where(BulkJob.id == job_id)).one()
    assert (job.state, job.reason) == (rules.STOPPED, bulk.NUMBERS_IN_USE)
    assert calls(sandbox, "GetFacturen") - looked == 10, "nine look-ups, one list"

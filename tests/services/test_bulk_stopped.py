"""A job that was stopped or is under way tells of each row what it is now."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Flask
from sqlalchemy import select

from domain import bulk as rules
from domain import posting as states
from models import BulkItem
from services.invoicing import bulk
from services.orders import work_orders
from services.transaction import write_transaction
from tests.services.test_bulk import job_of, orders, shown
from tests.support.client import client_for


def test_a_stopped_job_whose_rest_went_out_in_another_says_so(app: Flask, vos: SimpleNamespace) -> None:
    ids = orders(vos, 4)
    first = job_of(vos, ids)
    pressed = iter((False, True))
    bulk.carry_out(vos.deps, vos.actor, first, halt=lambda: next(pressed))
    bulk.stop(vos.actor, first)
    second = job_of(vos, ids[1:3])
    bulk.carry_out(vos.deps, vos.actor, second)
    work_orders.move(vos.actor, ids[3], "resume")
    assert shown(first) == [states.POSTED, "elsewhere", "elsewhere", "changed"]
    found = bulk.progress(first)
    assert (found.elsewhere, found.left, found.settled) == (2, (), 1)
    assert [row.number for row in found.rows[1:3]] == [row.number for row in bulk.progress(second).rows]
    page = client_for(app, "planner").get(f"/t/vos/bulk/{first}").text
    assert "2 werkbonnen waar deze opdracht niet aan toekwam, zijn daarna buiten deze opdracht geplaatst." in page
    assert "Elke werkbon was al aan de beurt geweest" not in page


def test_who_is_busy_is_counted_once(vos: SimpleNamespace) -> None:
    job_id = job_of(vos, orders(vos, 2))
    with write_transaction() as session:
        session.scalars(select(BulkItem).where(BulkItem.job_id == job_id)).all()[0].state = rules.BUSY
    assert dict(bulk.progress(job_id).counts) == {"sending": 1, "waiting": 1}

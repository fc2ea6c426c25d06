"""A limit of the bookkeeping is over when the clock says so, or as soon as it is seen to be."""

from __future__ import annotations

from types import SimpleNamespace

from domain import posting as states
from services import due_work
from services.invoicing import bulk, press
from services.link import connection
from tests.services.test_bulk import job_of, orders
from tests.support.sandbox_process import Sandbox


def test_an_invoice_that_they_take_ends_the_pause_at_once(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job_id = job_of(vos, orders(vos, 2))
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "E003.3"}])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    bulk.settle(vos.actor)
    assert due_work.tenants_with(due_work.BULK) == []
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert connection.paused_until() is None
    assert due_work.tenants_with(due_work.BULK) == [vos.tenant_id]
    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 2

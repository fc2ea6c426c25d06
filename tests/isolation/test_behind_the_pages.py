"""Behind the pages: rounds, jobs, cached sessions with the bookkeeping and mail keep to one tenant too."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from domain import posting as states
from jobs import rounds
from jobs.lanes import Lanes
from models import Mail, WorkOrder
from services.company import tenants
from services.invoicing import bulk, press, recovery
from services.people import authentication
from services.support import visits
from tenancy.database import db
from tests.isolation.test_neighbour import fingerprint_of
from tests.support import cast as cast_of
from tests.support.cast import EMAILS, PASSWORD, make_order, process
from tests.support.lanes import finished, patient
from tests.support.sandbox_process import Sandbox

OTHER_BOOKS = "bouw"


def numbers(sandbox: Sandbox, administration: str) -> set[str]:
    """The invoice numbers in these books."""
    return {invoice["Factuurnummer"] for invoice in sandbox.invoices(administration)}


def job_of(app: Flask, slug: str, relation_id: object, count: int) -> object:
    """A running job of so many new orders of a tenant."""
    actor = process(slug)
    ids = [make_order(actor, relation_id) for _ in range(count)]  # type: ignore[arg-type]
    versions = db.session.execute(select(WorkOrder.id, WorkOrder.version).where(WorkOrder.id.in_(ids)))
    return bulk.start(app.extensions["crafter"], actor, [(row_id, version) for row_id, version in versions])


@pytest.fixture
def both_linked(app: Flask, cast: SimpleNamespace, sandbox: Sandbox) -> SimpleNamespace:
    """Buur is connected to books of its own."""
    sandbox.reset(OTHER_BOOKS)
    cast_of.connect(app.extensions["crafter"], "buur", sandbox.credentials(OTHER_BOOKS))
    return cast


@patient
def test_presses_of_two_tenants_at_once_land_in_their_own_books(
    app: Flask, both_linked: SimpleNamespace, sandbox: Sandbox
) -> None:
    """Lanes of both run at the same time, over sessions that the gateway keeps per tenant."""
    before = numbers(sandbox, OTHER_BOOKS)
    job_of(app, "vos", both_linked.vos.relation_id, 3)
    job_of(app, "buur", both_linked.buur.relation_id, 2)
    tenants.leave()
    lanes = Lanes(app, app.extensions["crafter"])
    lanes.start_all()
    finished(lanes)
    sent = {}
    for slug, books in (("vos", "demo"), ("buur", OTHER_BOOKS)):
        process(slug)
        query = select(WorkOrder.number).where(WorkOrder.state == "approved")
        sent[slug] = set(db.session.scalars(query))
        told = [invoice["Regels"][0]["Omschrijving"] for invoice in sandbox.invoices(books)]
        assert all(any(f"Werkbon {number}" in text for text in told) for number in sent[slug])
    assert (len(sent["vos"]), len(sent["buur"])) == (3, 2)
    assert len(numbers(sandbox, "demo")) == 3
    assert len(numbers(sandbox, OTHER_BOOKS) - before) == 2


def test_a_round_that_settles_one_tenant_touches_nothing_of_the_other(
    app: Flask, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    actor, deps = process("vos"), app.extensions["crafter"]
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    assert press.approve(deps, actor, cast.vos.order_id).state == states.UNCERTAIN
    rounds.every_minute(deps)  # whatever a first round has to do for everybody, sealing for one
    before = fingerprint_of(cast.buur.tenant_id)
    rounds.every_minute(deps)
    rounds.every_night(deps)
    assert fingerprint_of(cast.buur.tenant_id) == before
    process("vos")
    posting = press.present_posting(cast.vos.order_id)
    assert posting is not None
    assert posting.state == states.POSTED


def test_a_job_or_posting_of_the_other_is_not_there(app: Flask, cast: SimpleNamespace, sandbox: Sandbox) -> None:
    deps = app.extensions["crafter"]
    job_id = job_of(app, "vos", cast.vos.relation_id, 1)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    posting_id = press.approve(deps, process("vos"), cast.vos.order_id).posting_id
    tenants.leave()
    before = fingerprint_of(cast.vos.tenant_id)
    actor = process("buur")
    for attempt in (
        lambda: bulk.carry_out(deps, actor, job_id),  # type: ignore[arg-type]
        lambda: bulk.stop(actor, job_id),  # type: ignore[arg-type]
        lambda: bulk.progress(job_id),  # type: ignore[arg-type]
        lambda: bulk.start(deps, actor, [(cast.vos.order_id, 1)]),
        lambda: recovery.check(deps, actor, posting_id),
        lambda: press.approve(deps, actor, cast.vos.order_id),
    ):
        with pytest.raises(Exception) as refused:
            attempt()
        assert type(refused.value).__name__ in {"LookupError", "NoResultFound", "Refusal"}
        process("buur")
    assert bulk.unfinished() == []
    assert fingerprint_of(cast.vos.tenant_id) == before


def test_mail_about_a_tenant_goes_to_its_own_people(app: Flask, cast: SimpleNamespace) -> None:
    """A visit of support tells the owners of the tenant that is visited, and nobody else."""
    deps = app.extensions["crafter"]
    tenants.leave()
    staff = authentication.log_in(EMAILS["support"], PASSWORD, "127.0.0.1")
    tenants.leave()
    visits.step_in(deps, staff, "vos", visits.Wish("reading", "uitleg over een factuur"))
    tenants.leave()
    sent = {row.to_address: row.subject + row.text for row in db.session.scalars(select(Mail))}
    assert sent.keys() == {EMAILS["owner"]}
    assert "buur" not in " ".join(sent.values()).casefold()

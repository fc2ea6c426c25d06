"""The demo story is filled through the real services, and both sides agree afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, current_app
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app import create_app
from demo.fill import fill
from demo.play_books import CannotFill
from demo.story_installatie import timeline
from domain import vat
from domain.message import Refusal
from models import AuditEntry, InvoicePosting, Person, Relation, WorkOrder
from services.catalogue import relations
from services.company import tenants
from services.dependencies import Dependencies
from services.invoicing import invoice_settings, preflight
from services.link import connection
from services.orders import attention, listing, start
from services.people import authentication, demo_people, joining
from settings import from_environment
from tenancy.database import db
from tests.support.sandbox_process import Sandbox, running_sandbox

# filled once, read by all of these; a crowded machine takes its time for the fill
pytestmark = [pytest.mark.xdist_group("demo_fill"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A play bookkeeping of its own."""
    with running_sandbox(tmp_path_factory.mktemp("books")) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def filled(books: Sandbox, new_database: Callable[[Path], str]) -> Iterator[SimpleNamespace]:
    """An app whose demo was filled, with what was said meanwhile."""
    folder = books.state_path.parent
    given = {"CRAFTER_ENV": "trial", "DATA": str(folder), "EBOEKHOUDEN_URL": books.soap_url}
    settings = from_environment(given | {"DATABASE_URL": new_database(folder)})
    app = create_app(settings)
    said: list[str] = []
    with app.app_context():
        upgrade()
        deps = app.extensions["crafter"]
        fill(deps, said.append)
        yield SimpleNamespace(app=app, deps=deps, said=said, settings=settings)
        tenants.leave()
        db.engine.dispose()
        deps.bookkeeping.close()


@pytest.fixture
def installatie(filled: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """Inside the installation company."""
    tenants.leave()
    yield SimpleNamespace(actor=tenants.process("installatie", "test"), **vars(filled))
    tenants.leave()


@pytest.fixture
def bouw(filled: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """Inside the building company."""
    tenants.leave()
    yield SimpleNamespace(actor=tenants.process("bouw", "test"), **vars(filled))
    tenants.leave()


def postings(state: str) -> list[InvoicePosting]:
    return list(db.session.scalars(select(InvoicePosting).where(InvoicePosting.state == state)))


def orders(state: str) -> list[WorkOrder]:
    query = select(WorkOrder).where(WorkOrder.state == state).options(
        selectinload(WorkOrder.relation), selectinload(WorkOrder.location), selectinload(WorkOrder.company)
    )  # fmt: skip
    return list(preflight.load_lines(db.session(), db.session.scalars(query).all()))


def test_every_status_has_its_orders(installatie: SimpleNamespace) -> None:
    counted = dict(
        tuple(row) for row in db.session.execute(select(WorkOrder.state, func.count()).group_by(WorkOrder.state))
    )
    assert counted == {"approved": 44, "done": 14, "started": 3, "planned": 20, "draft": 9, "cancelled": 3}
    assert sum(counted.values()) >= 80
    assert db.session.scalar(select(func.count()).select_from(WorkOrder).where(WorkOrder.relation_id.is_(None))) == 0
    assert all(order.work_done and order.executed_on for order in [*orders("done"), *orders("approved")])


def test_every_posted_invoice_stands_in_the_books_with_equal_totals(
    installatie: SimpleNamespace, books: Sandbox
) -> None:
    theirs = {
        row["Factuurnummer"]: tuple(Decimal(row[key]) for key in ("TotaalExclBTW", "TotaalBTW", "TotaalInclBTW"))
        for row in books.invoices("installatie")
    }
    ours = {row.number: (row.excl, row.vat, row.incl) for row in postings("posted")}
    assert len(ours) == 40
    assert ours == theirs
    assert all(row.remote_incl == row.incl for row in postings("posted"))


def test_the_trouble_is_real_and_nothing_is_left_uncertain(installatie: SimpleNamespace) -> None:
    assert [(row.state, row.code) for row in postings("refused")] == [("refused", "CFACT025")]
    assert [(row.state, row.code) for row in postings("not_sent")] == [("not_sent", "E003.1")]
    assert Counter(item.state for item in attention.items()) == {"refused": 1, "not_sent": 1, "not_invoiced": 1}
    free = [row for row in orders("approved") if row.not_billable_reason]
    assert len(free) == 2


def test_of_the_orders_to_check_twelve_can_go_and_two_show_a_blocker(installatie: SimpleNamespace) -> None:
    found = {order.number: preflight.preview(current_app.extensions["crafter"], order) for order in orders("done")}
    blocked = Counter(key for view in found.values() for key in {blocker.key for blocker in view.blockers})
    assert blocked == {"relation_code": 1, "order_number": 1}
    ready = [view for view in found.values() if not view.blockers]
    assert len(ready) == 12
    mixes = {tuple(sorted(group.code for group in view.totals.groups)) for view in ready}
    assert mixes == {
        ("high",), ("low",), ("high", "low"), ("high", "none"), ("reverse_high",),
    }  # fmt: skip
    assert Counter(view.relation_name for view in ready).most_common(1) == [("Wooncorporatie De Brink", 4)]


def test_work_on_dwellings_was_declared_where_it_was_invoiced_and_two_to_check_are_asked_about(
    installatie: SimpleNamespace,
) -> None:
    low = [order for order in orders("approved") if any(row.vat_code == vat.LOW for row in order.lines)]
    assert low
    assert all(order.dwelling_declared_by for order in low)
    assert [order.asks_dwelling for order in orders("done")].count(True) == 2


def test_the_link_is_active_and_its_settings_are_ready(installatie: SimpleNamespace) -> None:
    assert connection.is_active()
    settings = invoice_settings.present()
    assert settings.template == "Factuursjabloon"
    assert all(line.ledger_code and line.code for line in settings.lines.values())
    synced = db.session.scalar(select(func.count()).select_from(Relation).where(Relation.remote_id.is_not(None)))
    assert synced is not None
    assert synced >= 60


def test_the_mechanic_has_work_today_and_sees_only_their_own(installatie: SimpleNamespace) -> None:
    found = db.session.scalars(select(Person.id).where(Person.email == "monteur@installatie.example")).one()
    person = authentication.person(found)
    assert person is not None
    mechanic = tenants.actor_for("installatie", person)
    assert mechanic is not None
    assert mechanic.worker_id is not None
    assert {visit.order.state for visit in start.my_day(mechanic).today} == {"started", "planned"}
    seen = listing.list_(mechanic, listing.Filter()).rows
    assert {row.worker for row in seen} == {mechanic.person_name}


@pytest.mark.parametrize(
    ("email", "belongs"),
    [
        ("eigenaar@installatie.example", [("installatie", "owner")]),
        ("administratie@installatie.example", [("installatie", "office")]),
        ("planner@installatie.example", [("installatie", "planner")]),
        ("monteur@installatie.example", [("installatie", "worker")]),
        ("eigenaar@bouw.example", [("bouw", "owner")]),
        ("support@crafter.example", []),
    ],
)
def test_everybody_logs_in_with_the_demo_password(
    filled: SimpleNamespace, email: str, belongs: list[tuple[str, str]]
) -> None:
    tenants.leave()
    somebody = authentication.log_in(email, demo_people.PASSWORD, "127.0.0.1")
    assert [(row.slug, row.role) for row in somebody.belongings] == belongs
    assert somebody.is_support == (not belongs)
    assert email in {person.email for person in demo_people.list_()}


def test_bouw_is_not_connected_and_has_its_first_steps_to_take(bouw: SimpleNamespace) -> None:
    link = connection.present()
    assert (link.enabled, link.state, link.username, link.code1_sealed) == (False, "inactive", "", "")
    assert {step.key for step in start.first_steps() if step.done} == {"worker", "order"}
    assert [row.code for row in relations.list_().rows] == [None, None]
    assert len(orders("draft")) == 3


def test_support_and_customers_do_not_mix(bouw: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="hoort bij geen enkele klant"):
        joining.add_member(bouw.actor, "support@crafter.example", "Karin Smeets", "owner")
    with pytest.raises(Refusal, match="hoort al bij een klant"):
        joining.add_support("eigenaar@bouw.example", "Gerrit van Dam")


def test_a_second_fill_changes_nothing(filled: SimpleNamespace, books: Sandbox) -> None:
    def now() -> tuple[object, ...]:
        tenants.leave()
        tenants.process("installatie", "test")
        counts = [
            db.session.scalar(select(func.count()).select_from(table)) for table in (WorkOrder, AuditEntry, Relation)
        ]
        tenants.leave()
        return (*counts, db.session.scalar(select(func.count()).select_from(Person)), len(books.calls("installatie")))

    before = now()
    said: list[str] = []
    fill(filled.deps, said.append)
    assert now() == before
    assert said == []


def test_progress_is_told(filled: SimpleNamespace) -> None:
    assert "werkbonnen 40/93" in filled.said
    assert filled.said[-1] == "Demo gevuld."
    assert not [line for line in filled.said if "in plaats van" in line]


@pytest.mark.parametrize("later", range(7))
def test_the_story_holds_on_every_day_of_the_week(filled: SimpleNamespace, later: int) -> None:
    today = start.the_day() + timedelta(days=later)
    told = timeline(today)
    assert told == timeline(today)
    assert Counter(entry.ending for entry in told)["planned"] == 20
    places = Counter((entry.worker, entry.on, entry.at) for entry in told if entry.on)
    assert max(places.values()) == 1
    assert all(entry.on < today for entry in told if entry.on and entry.ending in {"posted", "done"})
    assert all(entry.on >= today for entry in told if entry.on and entry.ending == "planned")


def test_the_command_refuses_outside_the_demo(filled: SimpleNamespace, tmp_path: Path) -> None:
    # On a database of its own: production does not even start on one with demo people.
    empty = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    production = create_app(replace(filled.settings, env="production", database_url=empty))
    with production.app_context():
        result = production.test_cli_runner().invoke(args=["demo", "fill"])
    assert result.exit_code != 0
    assert "CRAFTER_ENV=demo" in result.output


@pytest.mark.parametrize("control", ["", "http://127.0.0.1:9"], ids=["its own control API", "calls go elsewhere"])
def test_the_books_of_another_copy_are_never_filled(
    filled: SimpleNamespace, books: Sandbox, tmp_path_factory: pytest.TempPathFactory, control: str
) -> None:
    before = len(books.calls("installatie")), len(books.invoices("installatie"))
    data = tmp_path_factory.mktemp("copy")
    environment = {"CRAFTER_ENV": "demo", "DATA": str(data), "EBOEKHOUDEN_URL": books.soap_url}
    if control:  # even the right control API does not make up for calls that go to another address
        (data / "sandbox.sqlite3.id").write_text(Path(f"{books.state_path}.id").read_text())
        environment |= {"SANDBOX_URL": books.url, "EBOEKHOUDEN_URL": f"{control}/soap.asmx"}
    app = create_app(from_environment(environment))
    with app.app_context():
        upgrade()
        result = app.test_cli_runner().invoke(args=["demo", "fill"])
        assert result.exit_code == 1
        assert "hoort niet bij de data" in result.output
        assert "Er is niets gevuld" in result.output
        assert not demo_people.exist()
        tenants.leave()
        db.engine.dispose()
    assert (len(books.calls("installatie")), len(books.invoices("installatie"))) == before


def test_without_play_books_nothing_is_made(filled: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = from_environment(
        {"CRAFTER_ENV": "demo", "DATA": str(tmp_path_factory.mktemp("alone")), "EBOEKHOUDEN_URL": "http://127.0.0.1:9/"}
    )
    app: Flask = create_app(settings)
    with app.app_context():
        upgrade()
        deps: Dependencies = app.extensions["crafter"]
        with pytest.raises(CannotFill, match="antwoordt niet"):
            fill(deps, print)
        assert not demo_people.exist()
        tenants.leave()
        db.engine.dispose()

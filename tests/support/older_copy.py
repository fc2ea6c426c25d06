"""A database that is put back to how it was, as a restore does it, while the books go on; and what is pressed on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import make_url, select

from domain import posting as states
from domain.message import Refusal
from models import WorkOrder
from services.company import tenants
from services.invoicing import looking_back, press
from settings import Settings
from tenancy.database import db
from tests.support.cast import line, make_order, process
from tests.support.sandbox_process import Sandbox


class OlderCopy:
    """`take` a copy of the test's database, and later `put_back` what it was then."""

    def __init__(self, request: pytest.FixtureRequest, settings: Settings, folder: Path) -> None:
        self._url = make_url(settings.database_url)
        self._kept = folder / "older.sqlite3"
        on_sqlite = self._url.drivername.startswith("sqlite")
        self._server = None if on_sqlite else request.getfixturevalue("postgres_server")
        self._copy = ""

    def take(self) -> None:
        """A copy of the database as it stands now; whoever worked in Vos is inside it anew."""
        _leave()
        if self._server is not None:
            self._copy = self._server.new(self._url.database)
        else:
            _copy(str(self._url.database), str(self._kept))
        process("vos")

    def put_back(self) -> None:
        """The database is the copy again; whoever worked in Vos is inside it anew."""
        _leave()
        if self._server is not None:
            self._server.make(self._url.database, self._copy)
        else:
            with (
                closing(sqlite3.connect(self._kept)) as kept,
                closing(sqlite3.connect(str(self._url.database))) as live,
            ):
                kept.backup(live)
        process("vos")

    def throw_away(self) -> None:
        """Nothing of the copy stays."""
        if self._server is not None and self._copy:
            self._server.drop(self._copy)


def _copy(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


def _leave() -> None:
    tenants.leave()
    db.session.remove()
    db.engine.dispose()


@pytest.fixture
def older_copy(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[OlderCopy]:
    """This test's database, to be put back."""
    copy = OlderCopy(request, settings, tmp_path)
    yield copy
    copy.throw_away()


def orders(vos: SimpleNamespace, count: int) -> list[UUID]:
    """So many executed orders, each of another price."""
    prices = [Decimal(50 + n) for n in range(count)]
    return [make_order(vos.actor, vos.relation_id, lines=(line(price=price),)) for price in prices]


def approve(vos: SimpleNamespace, order_id: UUID) -> str:
    """A press, which begins with a session of its own; what it came to, or why it came to nothing."""
    db.session.rollback()
    try:
        return press.approve(vos.deps, vos.actor, order_id).state
    except press.Blocked as blocked:
        return ",".join(blocker.key for blocker in blocked.blockers)
    except Refusal as refusal:
        db.session.rollback()
        return refusal.message.key


def billed(sandbox: Sandbox) -> list[str]:
    """The work orders that the invoices in the books name, sorted."""
    return sorted(one["Regels"][0]["Omschrijving"].split(",")[0] for one in sandbox.invoices("demo"))


def stands(order_id: UUID) -> tuple[str, str, str]:
    """How an order stands: its state, its posting's and that one's number."""
    db.session.rollback()
    order = db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
    row = press.present_posting(order_id)
    return order.state, row.state if row else "", row.number if row else ""


def behind(vos: SimpleNamespace) -> bool:
    """Whether the company is known to be behind."""
    db.session.rollback()
    return looking_back.is_behind()


def sent_and_forgotten(vos: SimpleNamespace, older_copy: OlderCopy, count: int = 3) -> tuple[list[UUID], list[UUID]]:
    """Orders that were invoiced after the copy was made and are not any more, and two that never were."""
    sent, others = orders(vos, count), orders(vos, 2)
    older_copy.take()
    for order_id in sent:
        assert approve(vos, order_id) == states.POSTED
    older_copy.put_back()
    return sent, others

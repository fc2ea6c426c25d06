"""The database of a release that was killed with one invoice *sending* and one *uncertain*, to be finished by this one.

tests/releases/<release>.json was written by that release itself, pressed for real against its own play bookkeeping over
a wire that swallowed both invoices; a third one was refused. `tables` are its rows as SQLite kept them, `sent` is what
it put on the wire per invoice number. Another one is made by checking that release out and pressing again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, select, types
from sqlalchemy.engine import Connection

from models import BillingClaim, InvoicePosting
from services.invoicing import posting, press, recovery
from services.link import connection as link
from services.transaction import stop_reading, write_transaction
from tenancy.database import db
from tests.support import cast as cast_of
from tests.support.recorder import Recorder
from tests.support.sandbox_process import Sandbox

FOLDER = Path(__file__).parents[1] / "releases"
_READ: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (types.Uuid, UUID),
    (types.Boolean, bool),
    (types.DateTime, lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)),
    (types.Date, date.fromisoformat),
    (types.Time, time.fromisoformat),
    (types.JSON, json.loads),
    (types.Numeric, lambda number: Decimal(str(number))),
)


@dataclass(frozen=True)
class OldRelease:
    """What a release left: its last migration, its rows by table, and the invoices it sent by their number."""

    revision: str
    sent: dict[str, str]
    tables: dict[str, list[dict[str, Any]]]

    def load(self, on: Connection) -> None:
        """Put its rows into a database of its revision, parents first."""
        metadata = MetaData()
        metadata.reflect(on)
        for table in metadata.sorted_tables:
            for row in self.tables.get(table.name, ()):
                values = {name: _value(table.columns[name].type, value) for name, value in row.items()}
                on.execute(table.insert().values(values))

    def rows(self, table: str, *columns: str) -> set[tuple[Any, ...]]:
        """Some columns of its rows in a table."""
        return {tuple(row[name] for name in columns) for row in self.tables[table]}


def old_release(name: str) -> OldRelease:
    """The release of this name."""
    return OldRelease(**json.loads((FOLDER / f"{name}.json").read_text()))


def _value(kind: Any, value: Any) -> Any:
    read = next((how for base, how in _READ if isinstance(kind, base)), None)
    return value if value is None or read is None else read(value)


def finish(deps: Any, old: OldRelease, sandbox: Sandbox, recorder: Recorder, arrived: bool) -> None:
    """The worker of this release, an hour later: it settles what the old one left, and says what that should be.

    `arrived`: the old release's calls reached the books after all.
    """
    actor = cast_of.process("vos")
    session = db.session()
    left = list(session.scalars(select(InvoicePosting).order_by(InvoicePosting.number)))
    frozen = {row.number: (row.payload, row.payload_hash, row.payload_version) for row in left}
    assert {(row.number, row.state) for row in left} == old.rows("invoice_posting", "number", "state")
    assert {(n, p, h) for n, (p, h, _) in frozen.items()} == old.rows(
        "invoice_posting", "number", "payload", "payload_hash"
    )
    assert {version for _, _, version in frozen.values()} == {1}
    drafts = [posting.thawed(deps, row) for row in left if row.number in old.sent]
    stop_reading()
    with write_transaction() as writing:
        for row in writing.scalars(select(InvoicePosting)):
            row.lease_until = datetime.now(UTC) - timedelta(hours=1)
    given = link.active_credentials(deps)
    assert given is not None
    stop_reading()
    if arrived:
        for draft in drafts:
            deps.bookkeeping.post_invoice(given, draft, float("inf"))

    assert recovery.recover_all(deps, actor) == 2

    assert {row.number: row.state for row in session.scalars(select(InvoicePosting))} == {
        number: "posted" if number in old.sent else "refused" for number in frozen
    }
    assert sent(recorder) == old.sent, "each once, and byte for byte what the old release sent"
    assert sorted(one["Factuurnummer"] for one in sandbox.invoices("demo")) == sorted(old.sent)
    for row in session.scalars(select(InvoicePosting)):
        assert (row.payload, row.payload_hash, row.payload_version) == frozen[row.number]

    refused = next(row for row in left if row.number not in old.sent)
    tie = session.scalars(select(BillingClaim).where(BillingClaim.posting_id == refused.id)).one()
    order_id = tie.order_id
    assert press.send(deps, actor, order_id).state == "posted"
    row = press.present_posting(order_id)
    assert row is not None
    assert (row.payload_version, '"vat_code":"high"' in row.payload) == (2, True), "a new press freezes in our words"


def sent(recorder: Recorder) -> dict[str, str]:
    """The invoices that went by, by number. Raises when one went by twice."""
    found: dict[str, str] = {}
    for body in recorder.bodies:
        invoice = re.search(r"<(\w+:)?oFact>.*</(\w+:)?oFact>", body.decode(), re.S)
        number = invoice and re.search(r"Factuurnummer>([^<]+)<", invoice[0])
        if invoice and number:
            assert number[1] not in found, f"{number[1]} went out twice"
            found[number[1]] = invoice[0]
    return found

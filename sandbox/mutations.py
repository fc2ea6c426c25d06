"""The mutations in the books: numbering, keeping, finding; and what they leave open."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.soap_writing import number_text
from sandbox.store import where

SENT, RECEIVED = "FactuurVerstuurd", "FactuurOntvangen"
PAID_TO_US, PAID_BY_US = "FactuurbetalingOntvangen", "FactuurbetalingVerstuurd"
# the invoices a payment can belong to
INVOICE_OF = {PAID_TO_US: SENT, PAID_BY_US: RECEIVED}
_AMOUNTS = ("BedragInvoer", "BedragExclBTW", "BedragBTW", "BedragInclBTW", "BTWPercentage")


@dataclass(frozen=True)
class OpenItem:
    """An invoice in the books, what was paid on it, in euros."""

    day: date
    invoice_number: str
    relation_code: str
    amount: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        """What is still to be paid."""
        return self.amount - self.paid


def keep(connection: sqlite3.Connection, name: str, mutation: Mapping[str, Any], number: int | None = None) -> int:
    """Write a mutation that passed every check (values of cMutatie); its number, the next one when none is given."""
    number = (
        number
        or connection.execute(
            "SELECT coalesce(max(number), 0) + 1 AS number FROM mutation WHERE administration = ?", (name,)
        ).fetchone()["number"]
    )
    data = {key: _plain(value) for key, value in mutation.items() if key != "MutatieRegels"}
    data["MutatieNr"] = number
    data["MutatieRegels"] = [
        {key: _plain(value) for key, value in line.items()} for line in mutation["MutatieRegels"]["cMutatieRegel"]
    ]
    connection.execute(
        "INSERT INTO mutation (administration, number, kind, date, relation_code, invoice_number, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            name,
            number,
            mutation["Soort"],
            data["Datum"],
            mutation.get("RelatieCode", ""),
            mutation.get("Factuurnummer", ""),
            json.dumps(data, ensure_ascii=False),
        ),
    )
    return int(number)


def find(
    connection: sqlite3.Connection,
    name: str,
    *,
    first: int = 0,
    last: int = 0,
    invoice_number: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
    newest: int = -1,
) -> list[dict[str, Any]]:
    """The newest mutations that meet every given condition, by number; amounts are Decimal, dates too."""
    wanted, values = where(
        name,
        ("number >= ?", first),
        ("number <= ?", last),
        ("invoice_number = ?", invoice_number),
        ("date >= ?", first_day),
        ("date <= ?", last_day),
    )
    rows = connection.execute(
        f"SELECT data FROM mutation WHERE {wanted} ORDER BY number DESC LIMIT ?",
        (*values, newest),
    ).fetchall()
    return [_typed(json.loads(row["data"])) for row in reversed(rows)]


def invoice_exists(
    connection: sqlite3.Connection, name: str, kind: str, invoice_number: str, relation_code: str = ""
) -> bool:
    """Whether a mutation of this kind carries the number, of this relation when one is given."""
    found = connection.execute(
        "SELECT 1 FROM mutation WHERE administration = ? AND kind = ? AND invoice_number = ?"
        " AND (? = '' OR relation_code = ?)",
        (name, kind, invoice_number, relation_code, relation_code),
    )
    return found.fetchone() is not None


def open_items(connection: sqlite3.Connection, name: str, kind: str) -> list[OpenItem]:
    """Every invoice of a kind (sent or received) with what was paid on it, by mutation number."""
    paid: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    everything = find(connection, name)
    for mutation in everything:
        if INVOICE_OF.get(mutation["Soort"]) == kind:
            paid[_key(mutation)] += total(mutation)
    return [
        OpenItem(
            mutation["Datum"].date(),
            mutation.get("Factuurnummer", ""),
            mutation.get("RelatieCode", ""),
            total(mutation),
            paid[_key(mutation)],
        )
        for mutation in everything
        if mutation["Soort"] == kind
    ]


def of_invoice(
    connection: sqlite3.Connection, name: str, relation_code: str, invoice_number: str
) -> list[dict[str, Any]]:
    """The booking of an invoice that was sent and the payments on it, by number."""
    # of its own accord SQLite walks all mutations of the administration by number
    rows = connection.execute(
        "SELECT data FROM mutation INDEXED BY mutation_of_invoice WHERE administration = ? AND invoice_number = ?"
        " AND relation_code = ? AND kind IN (?, ?) ORDER BY number",
        (name, invoice_number, relation_code, SENT, PAID_TO_US),
    )
    return [_typed(json.loads(row["data"])) for row in rows]


def left_of_invoice(
    connection: sqlite3.Connection, name: str, relation_code: str, invoice_number: str
) -> Decimal | None:
    """What is still to be paid of an invoice that was sent; None when it is not in the books."""
    found = of_invoice(connection, name, relation_code, invoice_number)
    sent = [total(one) for one in found if one["Soort"] == SENT]
    paid = sum((total(one) for one in found if one["Soort"] == PAID_TO_US), Decimal(0))
    return sent[-1] - paid if sent else None


def remove(connection: sqlite3.Connection, name: str, numbers: Iterable[int]) -> None:
    """Delete mutations by number."""
    connection.executemany(
        "DELETE FROM mutation WHERE administration = ? AND number = ?", [(name, number) for number in numbers]
    )


def readdress(connection: sqlite3.Connection, name: str, number: int, relation_code: str, invoice_number: str) -> None:
    """Let a mutation be about this relation and invoice from now on."""
    connection.execute(
        "UPDATE mutation SET relation_code = ?, invoice_number = ?,"
        " data = json_set(data, '$.RelatieCode', ?, '$.Factuurnummer', ?) WHERE administration = ? AND number = ?",
        (relation_code, invoice_number, relation_code, invoice_number, name, number),
    )


def total(mutation: Mapping[str, Any]) -> Decimal:
    """What a mutation adds up to, VAT included."""
    return sum((line.get("BedragInclBTW", Decimal(0)) for line in mutation["MutatieRegels"]), Decimal(0))


def _key(mutation: Mapping[str, Any]) -> tuple[str, str]:
    return mutation.get("RelatieCode", ""), mutation.get("Factuurnummer", "")


def _typed(data: dict[str, Any]) -> dict[str, Any]:
    data["Datum"] = datetime.fromisoformat(data["Datum"])
    for line in data["MutatieRegels"]:
        line |= {key: Decimal(line.get(key, "0")) for key in _AMOUNTS}
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return number_text(value)
    return value

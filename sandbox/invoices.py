"""The invoices in the books: numbering, keeping, finding, removing."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox import mutations
from sandbox.books import Administration
from sandbox.soap_writing import number_text
from sandbox.store import where
from sandbox.vat import line_amount, totals

_PDF = "https://secure.e-boekhouden.nl/bh/getfactuur.asp?c={administration}-{id}-{number}&s={digits}"


def number_taken(connection: sqlite3.Connection, name: str, number: str) -> bool:
    """Whether an invoice of this number stands in the books."""
    found = connection.execute("SELECT 1 FROM invoice WHERE administration = ? AND number = ?", (name, number))
    return found.fetchone() is not None


def next_number(connection: sqlite3.Connection, name: str) -> str:
    """The next number of their own series (F00001, F00002, …), taken ones passed over."""
    counter = connection.execute("SELECT next_number FROM administration WHERE name = ?", (name,)).fetchone()[
        "next_number"
    ]
    while number_taken(connection, name, f"F{counter:05d}"):
        counter += 1
    connection.execute("UPDATE administration SET next_number = ? WHERE name = ?", (counter + 1, name))
    return f"F{counter:05d}"


def keep(connection: sqlite3.Connection, administration: Administration, number: str, fact: Mapping[str, Any]) -> None:
    """Write an invoice that passed every check; `fact` are the values of cFactuur."""
    lines = fact["Regels"]["cFactuurRegel"]
    sums = totals(lines, administration.switches.vat_per)
    copy = connection.execute(
        "SELECT count(*) AS copies FROM invoice WHERE administration = ? AND number = ?",
        (administration.name, number),
    ).fetchone()["copies"]
    data = {key: _plain(value) for key, value in fact.items() if key != "Regels"}
    data["Factuurnummer"] = number
    data["Regels"] = [
        {key: _plain(value) for key, value in line.items()} | {"Bedrag": str(line_amount(line))} for line in lines
    ]
    cursor = connection.execute(
        "INSERT INTO invoice (administration, number, copy, relation_code, date, excl, vat, incl, url,"
        " data, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?)",
        (
            administration.name,
            number,
            copy,
            fact["Relatiecode"],
            f"{fact['Datum']:%Y-%m-%d}",
            str(sums.excl),
            str(sums.vat),
            str(sums.incl),
            json.dumps(data, ensure_ascii=False),
            datetime.now(UTC).isoformat(timespec="milliseconds"),
        ),
    )
    url = _PDF.format(
        administration=administration.remote_id,
        id=cursor.lastrowid,
        number=number,
        digits=zlib.crc32(f"{administration.code2}{cursor.lastrowid}".encode()),
    )
    connection.execute("UPDATE invoice SET url = ? WHERE id = ?", (url, cursor.lastrowid))


def of_somebody_else(relation_code: str) -> dict[str, Any]:
    """The values of an invoice that a person over there might have made."""
    line = {
        "Aantal": Decimal(1),
        "Eenheid": "",
        "Code": "ANDER",
        "Omschrijving": "Een andere factuur, met de hand gemaakt",
        "PrijsPerEenheid": Decimal("12.34"),
        "BTWCode": "HOOG_VERK_21",
        "TegenrekeningCode": "8000",
        "KostenplaatsID": 0,
    }
    return {
        "Relatiecode": relation_code,
        "Datum": datetime.fromisoformat("2026-01-02"),
        "Betalingstermijn": 30,
        "Factuursjabloon": "Factuursjabloon",
        "Regels": {"cFactuurRegel": [line]},
    }


def find(
    connection: sqlite3.Connection,
    name: str,
    *,
    number: str = "",
    relation_code: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
) -> list[dict[str, Any]]:
    """Invoices in the order of their arrival, as plain values; every condition given has to hold.

    Amounts are text, dates ISO text; `Regels` is a list of lines.
    """
    wanted, values = where(
        name,
        ("number = ?", number),
        ("relation_code = ?", relation_code),
        ("date >= ?", first_day),
        ("date <= ?", last_day),
    )
    rows = connection.execute(f"SELECT * FROM invoice WHERE {wanted} ORDER BY id", values)
    return _with_what_is_open(connection, name, [_invoice(row) for row in rows])


def one(connection: sqlite3.Connection, name: str, invoice_id: int) -> dict[str, Any] | None:
    """One invoice by the id of its row."""
    row = connection.execute("SELECT * FROM invoice WHERE administration = ? AND id = ?", (name, invoice_id)).fetchone()
    return _with_what_is_open(connection, name, [_invoice(row)])[0] if row else None


def remove(connection: sqlite3.Connection, name: str, number: str) -> int:
    """Take an invoice out of the books, as a person might over there; how many there were."""
    return connection.execute("DELETE FROM invoice WHERE administration = ? AND number = ?", (name, number)).rowcount


def _with_what_is_open(connection: sqlite3.Connection, name: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only an invoice that was booked can be paid; any other stays open in full."""
    booked = [invoice for invoice in found if invoice.get("InBoekhoudingPlaatsen")]
    if booked:
        items = mutations.open_items(connection, name, mutations.SENT)
        left = {(item.relation_code, item.invoice_number): item.left for item in items}
        for invoice in booked:
            key = invoice["Relatiecode"], invoice["Factuurnummer"]
            invoice["TotaalOpenstaand"] = str(left.get(key, invoice["TotaalInclBTW"]))
    return found


def _invoice(row: sqlite3.Row) -> dict[str, Any]:
    data = json.loads(row["data"])
    return {
        "id": row["id"],
        "received_at": row["received_at"],
        **data,
        "TotaalExclBTW": row["excl"],
        "TotaalBTW": row["vat"],
        "TotaalInclBTW": row["incl"],
        "TotaalOpenstaand": row["incl"],
        "URLPDFBestand": row["url"],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return number_text(value)
    return value

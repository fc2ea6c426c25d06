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


def keep(connection: sqlite3.Connection, administration: Administration, number: str, fact: Mapping[str, Any]) -> int:
    """Write an invoice that passed every check, the id of its row; `fact` are the values of cFactuur."""
    cursor = connection.execute(
        "INSERT INTO invoice (administration, number, copy, relation_code, date, excl, vat, incl, url, data,"
        " received_at) VALUES (?, ?, ?, '', '', '', '', '', '', '{}', ?)",
        (
            administration.name,
            number,
            _next_copy(connection, administration.name, number),
            datetime.now(UTC).isoformat(timespec="milliseconds"),
        ),
    )
    assert cursor.lastrowid is not None
    _write(connection, administration, cursor.lastrowid, {**fact, "Factuurnummer": number})
    return cursor.lastrowid


def rewrite(
    connection: sqlite3.Connection, administration: Administration, old: Mapping[str, Any], fact: Mapping[str, Any]
) -> None:
    """Replace what an invoice says (`old`, as it was found) by checked values of cFactuur, its number included."""
    number = fact["Factuurnummer"]
    if number != old["Factuurnummer"]:
        connection.execute(
            "UPDATE invoice SET number = ?, copy = ? WHERE id = ?",
            (number, _next_copy(connection, administration.name, number), old["id"]),
        )
    _write(connection, administration, old["id"], fact)


def _next_copy(connection: sqlite3.Connection, name: str, number: str) -> int:
    """Which one of those under this number a new one is, from 0 on."""
    found = connection.execute(
        "SELECT coalesce(max(copy) + 1, 0) AS copy FROM invoice WHERE administration = ? AND number = ?", (name, number)
    )
    return int(found.fetchone()["copy"])


def _write(
    connection: sqlite3.Connection, administration: Administration, invoice_id: int, fact: Mapping[str, Any]
) -> None:
    """The content of a row: the values of cFactuur and what follows from them."""
    lines = fact["Regels"]["cFactuurRegel"]
    sums = totals(lines, administration.switches.vat_per)
    data = {key: _plain(value) for key, value in fact.items() if key != "Regels"}
    data["Regels"] = [
        {key: _plain(value) for key, value in line.items()} | {"Bedrag": str(line_amount(line))} for line in lines
    ]
    url = _PDF.format(
        administration=administration.remote_id,
        id=invoice_id,
        number=fact["Factuurnummer"],
        digits=zlib.crc32(f"{administration.code2}{invoice_id}".encode()),
    )
    connection.execute(
        "UPDATE invoice SET relation_code = ?, date = ?, excl = ?, vat = ?, incl = ?, url = ?, data = ? WHERE id = ?",
        (
            fact["Relatiecode"],
            f"{fact['Datum']:%Y-%m-%d}",
            str(sums.excl),
            str(sums.vat),
            str(sums.incl),
            url,
            json.dumps(data, ensure_ascii=False),
            invoice_id,
        ),
    )


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


def count(connection: sqlite3.Connection, name: str, keyword: str = "", relation_code: str = "") -> int:
    """How many invoices there are, or how many meet a keyword or are of a relation."""
    wanted, values = where(name, ("relation_code = ?", relation_code)) if relation_code else _searched(name, keyword)
    row = connection.execute(f"SELECT count(*) AS number FROM invoice WHERE {wanted}", values).fetchone()
    return int(row["number"])


def newest(
    connection: sqlite3.Connection, name: str, keyword: str = "", *, skip: int = 0, limit: int = -1
) -> list[dict[str, Any]]:
    """The invoices that meet a keyword, the last to arrive first; `skip` of them are passed over."""
    wanted, values = _searched(name, keyword)
    rows = connection.execute(
        f"SELECT * FROM invoice WHERE {wanted} ORDER BY id DESC LIMIT ? OFFSET ?", (*values, limit, skip)
    )
    return _with_what_is_open(connection, name, [_invoice(row) for row in rows])


def _searched(name: str, keyword: str) -> tuple[str, list[Any]]:
    """What a keyword asks of an invoice: its number, or the code or the name of its relation, has it."""
    if not keyword:
        return where(name)
    small = keyword.lower()
    return (
        "administration = ? AND (instr(small_letters(number), ?) > 0 OR instr(small_letters(relation_code), ?) > 0"
        " OR relation_code IN (SELECT code FROM relation WHERE administration = ?"
        " AND instr(small_letters(company), ?) > 0))",
        [name, small, small, name, small],
    )


def one(connection: sqlite3.Connection, name: str, invoice_id: int) -> dict[str, Any] | None:
    """One invoice by the id of its row."""
    row = connection.execute("SELECT * FROM invoice WHERE administration = ? AND id = ?", (name, invoice_id)).fetchone()
    return _with_what_is_open(connection, name, [_invoice(row)])[0] if row else None


def remove(connection: sqlite3.Connection, name: str, invoice_id: int) -> None:
    """Take an invoice out of the invoice module by the id of its row (sandbox/by_hand.py also takes its booking)."""
    connection.execute("DELETE FROM invoice WHERE administration = ? AND id = ?", (name, invoice_id))


def change_relation_codes(connection: sqlite3.Connection, name: str, codes: Mapping[str, str]) -> None:
    """Let invoices and mutations follow relations that get another code; `codes` from old to new, all at one time."""
    for table, key, field in (("invoice", "id", "Relatiecode"), ("mutation", "number", "RelatieCode")):
        moving = [
            (new, new, name, row["key"])
            for old, new in codes.items()
            for row in connection.execute(
                f"SELECT {key} AS key FROM {table} WHERE administration = ? AND relation_code = ?", (name, old)
            ).fetchall()
        ]
        connection.executemany(
            f"UPDATE {table} SET relation_code = ?, data = json_set(data, '$.{field}', ?)"
            f" WHERE administration = ? AND {key} = ?",
            moving,
        )


def _with_what_is_open(connection: sqlite3.Connection, name: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only an invoice that was booked can be paid; any other stays open in full."""
    for invoice in found:
        if invoice.get("InBoekhoudingPlaatsen"):
            left = mutations.left_of_invoice(connection, name, invoice["Relatiecode"], invoice["Factuurnummer"])
            invoice["TotaalOpenstaand"] = str(invoice["TotaalInclBTW"] if left is None else left)
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

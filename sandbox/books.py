"""Reading and writing the books of one administration; every function takes an open connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.schema import TYPES
from sandbox.store import where
from sandbox.switches import Switches

RELATION_FIELDS = tuple(field.name for field in TYPES["cRelatie"])
_SEARCHED = ("Code", "Bedrijf", "Plaats", "Contactpersoon", "Email", "BP")
# no keyword holds it, so none is found across two fields
_BETWEEN_FIELDS = "\x1f"


@dataclass(frozen=True)
class Administration:
    """One administration: whose it is and how it answers."""

    name: str
    company: str
    place: str
    code2: str
    book_year: str
    remote_id: int
    switches: Switches


def administrations(connection: sqlite3.Connection) -> list[Administration]:
    """All of them, in the order of the seed."""
    rows = connection.execute("SELECT * FROM administration ORDER BY position")
    return [_administration(row) for row in rows]


def administration(connection: sqlite3.Connection, name: str | None) -> Administration | None:
    """One by its short name."""
    row = connection.execute("SELECT * FROM administration WHERE name = ?", (name,)).fetchone()
    return _administration(row) if row else None


def _administration(row: sqlite3.Row) -> Administration:
    return Administration(
        name=row["name"],
        company=row["company"],
        place=row["place"],
        code2=row["code2"],
        book_year=row["book_year"],
        remote_id=row["remote_id"],
        switches=Switches.from_stored(json.loads(row["switches"])),
    )


def keep_switches(connection: sqlite3.Connection, name: str, switches: Switches) -> None:
    """Write how an administration answers from now on."""
    connection.execute("UPDATE administration SET switches = ? WHERE name = ?", (json.dumps(switches.as_dict()), name))


# -- relations ---------------------------------------------------------------------------------------


def relation_exists(connection: sqlite3.Connection, name: str, code: str) -> bool:
    """Whether the administration has a relation with this code."""
    found = connection.execute("SELECT 1 FROM relation WHERE administration = ? AND code = ?", (name, code))
    return found.fetchone() is not None


def relations(
    connection: sqlite3.Connection,
    name: str,
    *,
    keyword: str = "",
    code: str = "",
    relation_id: int = 0,
    limit: int = -1,
    skip: int = 0,
) -> list[dict[str, Any]]:
    """Relations as cRelatie values, by id; every condition that is given has to hold. `skip` are passed over."""
    wanted, values = where(name, ("code = ?", code), ("id = ?", relation_id), ("instr(search, ?) > 0", keyword.lower()))
    rows = connection.execute(
        f"SELECT data FROM relation WHERE {wanted} ORDER BY id LIMIT ? OFFSET ?", (*values, limit, skip)
    )
    return [json.loads(row["data"]) for row in rows]


def count_relations(connection: sqlite3.Connection, name: str, keyword: str = "") -> int:
    """How many relations there are, or how many meet a keyword."""
    wanted, values = where(name, ("instr(search, ?) > 0", keyword.lower()))
    row = connection.execute(f"SELECT count(*) AS number FROM relation WHERE {wanted}", values).fetchone()
    return int(row["number"])


def companies(connection: sqlite3.Connection, name: str, codes: Iterable[str] | None = None) -> dict[str, str]:
    """The company name by the code: of these relations, or of every one."""
    among, values = "", [name]
    if codes is not None:
        values += set(codes)
        among = f" AND code IN ({', '.join('?' * (len(values) - 1))})"
    rows = connection.execute(f"SELECT code, company FROM relation WHERE administration = ?{among}", values)
    return {row["code"]: row["company"] for row in rows}


def next_relation_id(connection: sqlite3.Connection, name: str) -> int:
    """The id a new relation gets."""
    row = connection.execute(
        "SELECT coalesce(max(id), 0) + 1 AS id FROM relation WHERE administration = ?", (name,)
    ).fetchone()
    return int(row["id"])


def write_relations(connection: sqlite3.Connection, name: str, records: Iterable[Mapping[str, Any]]) -> None:
    """Insert or replace relations by id; `records` are cRelatie values with an ID and a Code."""
    connection.executemany(
        "INSERT OR REPLACE INTO relation (administration, id, code, company, search, data) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                name,
                record["ID"],
                record["Code"],
                record.get("Bedrijf", ""),
                _BETWEEN_FIELDS.join(str(record.get(key, "")) for key in _SEARCHED).lower(),
                json.dumps(record, ensure_ascii=False),
            )
            for record in records
        ),
    )


# -- articles, ledger accounts, cost centres, templates ----------------------------------------------


def articles(connection: sqlite3.Connection, name: str, limit: int = -1) -> list[dict[str, Any]]:
    """Articles as cArtikel values with their amounts as text, by id."""
    rows = connection.execute("SELECT data FROM article WHERE administration = ? ORDER BY id LIMIT ?", (name, limit))
    return [json.loads(row["data"]) for row in rows]


def write_articles(connection: sqlite3.Connection, name: str, records: Iterable[Mapping[str, Any]]) -> None:
    """Insert or replace articles by id; amounts come as text."""
    connection.executemany(
        "INSERT OR REPLACE INTO article (administration, id, code, data) VALUES (?, ?, ?, ?)",
        (
            (name, record["ArtikelID"], record["ArtikelCode"], json.dumps(record, ensure_ascii=False))
            for record in records
        ),
    )


def ledger_accounts(connection: sqlite3.Connection, name: str) -> list[dict[str, Any]]:
    """Ledger accounts as cGrootboekrekening values, by code."""
    rows = connection.execute("SELECT * FROM ledger WHERE administration = ? ORDER BY code", (name,))
    return [
        {
            "ID": row["id"],
            "Code": row["code"],
            "Omschrijving": row["description"],
            "Categorie": row["category"],
            "Groep": "",
        }
        for row in rows
    ]


def next_ledger_id(connection: sqlite3.Connection) -> int:
    """The id a new ledger account gets."""
    return int(connection.execute("SELECT coalesce(max(id), 0) + 1 AS id FROM ledger").fetchone()["id"])


def write_ledger_account(
    connection: sqlite3.Connection, name: str, account_id: int, account: Mapping[str, Any]
) -> None:
    """Insert or replace a ledger account by its id; `account` is a cGrootboekrekening value."""
    connection.execute("DELETE FROM ledger WHERE administration = ? AND id = ?", (name, account_id))
    connection.execute(
        "INSERT INTO ledger (administration, id, code, description, category) VALUES (?, ?, ?, ?, ?)",
        (name, account_id, account["Code"].strip(), account["Omschrijving"], account["Categorie"]),
    )


def cost_centres(connection: sqlite3.Connection, name: str) -> list[dict[str, Any]]:
    """Cost centres as cKostenplaats values, by id."""
    rows = connection.execute("SELECT * FROM cost_centre WHERE administration = ? ORDER BY id", (name,))
    return [
        {
            "KostenplaatsId": row["id"],
            "Omschrijving": row["description"],
            "KostenplaatsParentId": row["parent"],
        }
        for row in rows
    ]


def template_exists(connection: sqlite3.Connection, name: str, template: str) -> bool:
    """Whether the administration has an invoice template of exactly this name."""
    found = connection.execute("SELECT 1 FROM template WHERE administration = ? AND name = ?", (name, template))
    return found.fetchone() is not None


def templates(connection: sqlite3.Connection, name: str) -> list[str]:
    """The names of its invoice templates."""
    rows = connection.execute("SELECT name FROM template WHERE administration = ? ORDER BY name", (name,))
    return [row["name"] for row in rows]

"""Changing relations as a person over there might, or many at once: replace, add, remove, recode, generate; or one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox import books, invoices
from sandbox.seed_relations import TOWN_NAMES
from sandbox.wishes import WrongWish, give_ids, moment, whole

_NUMBERS = ("ID", "Gb_ID", "GeenEmail", "NieuwsbriefgroepenCount")
_MOST_GENERATED = 200_000


def change_relations(connection: sqlite3.Connection, name: str, wish: Any) -> int:
    """Carry out a wish; the number of relations afterwards. Raises WrongWish for a wrong wish.

    A list replaces all relations; {"add": [...]} adds, or changes those with a known code;
    {"remove": [codes]} removes; {"recode": {old: new}} gives others a code, all at one time, so that codes can be
    swapped; {"generate": n} adds n invented ones. Records carry cRelatie names; a relation with a known code keeps its
    ID unless one is given.
    """
    if isinstance(wish, list):
        records = _records(connection, name, wish)
        connection.execute("DELETE FROM relation WHERE administration = ?", (name,))
        books.write_relations(connection, name, records)
    elif isinstance(wish, dict) and wish and set(wish) <= {"add", "remove", "recode", "generate"}:
        if "remove" in wish:
            _remove(connection, name, wish["remove"])
        if "recode" in wish:
            _recode(connection, name, wish["recode"])
        if "add" in wish:
            _add(connection, name, wish["add"])
        if "generate" in wish:
            _generate(connection, name, wish["generate"])
    else:
        raise WrongWish('a list of relations, or an object with "add", "remove", "recode" or "generate"')
    return books.count_relations(connection, name)


def change_relation(connection: sqlite3.Connection, name: str, code: str, wish: Any) -> dict[str, Any]:
    """Edit one relation: the fields of `wish` replace what it has, its code too. The relation afterwards.

    Raises LookupError when there is none of this code, WrongWish for a wrong wish.
    """
    found = books.relations(connection, name, code=code)
    if not found or not code:
        raise LookupError(f"there is no relation {code!r}")
    if not isinstance(wish, Mapping) or "ID" in wish:
        raise WrongWish("the fields that change, by their cRelatie names; an ID stays what it is")
    record = _record({**found[0], **wish})
    record["ID"] = found[0]["ID"]
    if record["Code"] != code:
        _recode(connection, name, {code: record["Code"]})
    books.write_relations(connection, name, [record])
    return record


def add_relation(connection: sqlite3.Connection, name: str, wish: Any) -> dict[str, Any]:
    """Make one relation, or change the one of this code; the relation afterwards. Raises WrongWish."""
    records = _records(connection, name, [wish])
    books.write_relations(connection, name, records)
    return records[0]


def remove_relation(connection: sqlite3.Connection, name: str, code: str) -> int:
    """Delete one relation; how many there were. Its invoices stay."""
    found = connection.execute("DELETE FROM relation WHERE administration = ? AND code = ?", (name, code))
    return found.rowcount


def _recode(connection: sqlite3.Connection, name: str, codes: Any) -> None:
    new = checked_codes(codes, books.companies(connection, name))
    moved = [
        record | {"Code": new[record["Code"]]} for record in books.relations(connection, name) if record["Code"] in new
    ]
    _remove(connection, name, list(new))
    books.write_relations(connection, name, moved)
    invoices.change_relation_codes(connection, name, new)


def checked_codes(codes: Any, present: Iterable[str]) -> dict[str, str]:
    """New codes by old ones, when that can be. Raises WrongWish."""
    if not isinstance(codes, dict) or not all(isinstance(new, str) and new.strip() for new in codes.values()):
        raise WrongWish('"recode" is an object with new codes by old ones')
    known = list(present)
    if missing := sorted(set(codes) - set(known)):
        raise WrongWish(f"unknown: {', '.join(missing)}")
    after = [codes.get(code, code) for code in known]
    if twice := sorted({new for new in codes.values() if after.count(new) > 1}):
        raise WrongWish(f"in use: {', '.join(twice)}")
    return codes


def _remove(connection: sqlite3.Connection, name: str, codes: Any) -> None:
    if not isinstance(codes, list):
        raise WrongWish('"remove" is a list of codes')
    connection.executemany(
        "DELETE FROM relation WHERE administration = ? AND code = ?", [(name, str(code)) for code in codes]
    )


def _add(connection: sqlite3.Connection, name: str, records: Any) -> None:
    if not isinstance(records, list):
        raise WrongWish('"add" is a list of relations')
    books.write_relations(connection, name, _records(connection, name, records))


def _generate(connection: sqlite3.Connection, name: str, number: Any) -> None:
    if not isinstance(number, int) or not 0 <= number <= _MOST_GENERATED:
        raise WrongWish(f'"generate" is a number up to {_MOST_GENERATED}')
    wishes = [
        {
            "Code": f"G{position:06d}",
            "Bedrijf": f"Proefrelatie {position}",
            "Contactpersoon": f"Contact {position}",
            "Adres": f"Proefstraat {position % 400 + 1}",
            "Postcode": f"{1000 + position % 9000} XX",
            "Plaats": TOWN_NAMES[position % len(TOWN_NAMES)],
            "Email": f"relatie{position}@proef.example",
        }
        for position in range(1, number + 1)
    ]
    books.write_relations(connection, name, _records(connection, name, wishes))


def _records(connection: sqlite3.Connection, name: str, wishes: list[Any]) -> list[dict[str, Any]]:
    known = {
        row["code"]: row["id"]
        for row in connection.execute("SELECT id, code FROM relation WHERE administration = ?", (name,))
    }
    records = [_record(wish) for wish in wishes]
    give_ids(records, "ID", "Code", known, books.next_relation_id(connection, name))
    return records


def _record(wish: Any) -> dict[str, Any]:
    if not isinstance(wish, Mapping) or not wish.get("Code"):
        raise WrongWish("a relation is an object with at least a Code")
    unknown = set(wish) - set(books.RELATION_FIELDS)
    if unknown:
        raise WrongWish(f"unknown in a relation: {', '.join(sorted(unknown))}")
    record: dict[str, Any] = {key: str(wish.get(key, "")) for key in books.RELATION_FIELDS}
    record |= {key: whole(wish.get(key, 0), key) for key in _NUMBERS}
    record["AddDatum"] = moment(wish.get("AddDatum", "2026-01-01"), "AddDatum")
    record["BP"] = wish.get("BP", "B")
    record["LA"] = wish.get("LA", "0")
    return record

"""Changing articles as a person over there might: replace, add, remove, recode; or one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox import books
from sandbox.control_relations import checked_codes
from sandbox.schema import TYPES
from sandbox.vat import SALES_RATES
from sandbox.wishes import WrongWish, amount, give_ids, truth, whole

FIELDS = tuple(field.name for field in TYPES["cArtikel"])
_NUMBERS = ("ArtikelID", "KostenplaatsID")
_FOLLOWED, _FOLLOWING = {"VerkoopprijsExclBTW", "BTWCode"}, ("VerkoopprijsInclBTW", "BtwPercentage")
_AMOUNTS = ("InkoopprijsExclBTW", "VerkoopprijsExclBTW", "VerkoopprijsInclBTW", "BtwPercentage")


def change_articles(connection: sqlite3.Connection, name: str, wish: Any) -> int:
    """Carry out a wish; the number of articles afterwards. Raises WrongWish for a wrong wish.

    A list replaces all articles; {"add": [...]} adds, or changes those with a known code; {"remove": [codes]} removes;
    {"recode": {old: new}} gives others a code, all at one time. Records carry cArtikel names.
    """
    if isinstance(wish, list):
        records = _records(connection, name, wish)
        connection.execute("DELETE FROM article WHERE administration = ?", (name,))
        books.write_articles(connection, name, records)
    elif isinstance(wish, dict) and wish and set(wish) <= {"add", "remove", "recode"}:
        if not all(isinstance(wish.get(key, []), list) for key in ("add", "remove")):
            raise WrongWish('"add" is a list of articles, "remove" a list of codes')
        for code in wish.get("remove", []):
            remove_article(connection, name, str(code))
        _recode(connection, name, wish.get("recode", {}))
        books.write_articles(connection, name, _records(connection, name, wish.get("add", [])))
    else:
        raise WrongWish('a list of articles, or an object with "add", "remove" or "recode"')
    return len(books.articles(connection, name))


def change_article(connection: sqlite3.Connection, name: str, code: str, wish: Any) -> dict[str, Any]:
    """Edit one article: the fields of `wish` replace what it has, its code too. The article afterwards.

    Raises LookupError when there is none of this code, WrongWish for a wrong wish.
    """
    found = _by_code(connection, name).get(code)
    if found is None:
        raise LookupError(f"there is no article {code!r}")
    if not isinstance(wish, Mapping) or "ArtikelID" in wish:
        raise WrongWish("the fields that change, by their cArtikel names; an ArtikelID stays what it is")
    # the price with VAT and the rate follow the price and the code, unless they are given themselves
    kept = found if _FOLLOWED.isdisjoint(wish) else {key: found[key] for key in found if key not in _FOLLOWING}
    record = _record({**kept, **wish})
    if record["ArtikelCode"] != code:
        checked_codes({code: record["ArtikelCode"]}, _by_code(connection, name))
    books.write_articles(connection, name, [record])
    return record


def remove_article(connection: sqlite3.Connection, name: str, code: str) -> int:
    """Delete one article; how many there were. Invoices keep its code on their lines."""
    return connection.execute("DELETE FROM article WHERE administration = ? AND code = ?", (name, code)).rowcount


def _recode(connection: sqlite3.Connection, name: str, codes: Any) -> None:
    present = _by_code(connection, name)
    new = checked_codes(codes, present)
    books.write_articles(connection, name, [present[old] | {"ArtikelCode": new[old]} for old in new])


def _by_code(connection: sqlite3.Connection, name: str) -> dict[str, dict[str, Any]]:
    return {article["ArtikelCode"]: article for article in books.articles(connection, name)}


def _records(connection: sqlite3.Connection, name: str, wishes: list[Any]) -> list[dict[str, Any]]:
    known = {code: article["ArtikelID"] for code, article in _by_code(connection, name).items()}
    records = [_record(wish) for wish in wishes]
    give_ids(records, "ArtikelID", "ArtikelCode", known, max(known.values(), default=0) + 1)
    return records


def _record(wish: Any) -> dict[str, Any]:
    if not isinstance(wish, Mapping) or not str(wish.get("ArtikelCode", "")).strip():
        raise WrongWish("an article is an object with at least an ArtikelCode")
    if unknown := set(wish) - set(FIELDS):
        raise WrongWish(f"unknown in an article: {', '.join(sorted(unknown))}")
    record: dict[str, Any] = {key: str(wish.get(key, "")) for key in FIELDS}
    record["BTWCode"] = record["BTWCode"] or "HOOG_VERK_21"
    record |= {key: whole(wish.get(key, 0), key) for key in _NUMBERS}
    record |= {key: f"{amount(wish.get(key, '0'), key):f}" for key in _AMOUNTS}
    rate = SALES_RATES.get(record["BTWCode"], Decimal(record["BtwPercentage"]))
    record["BtwPercentage"] = str(wish.get("BtwPercentage", rate))
    if "VerkoopprijsInclBTW" not in wish:
        record["VerkoopprijsInclBTW"] = str(Decimal(record["VerkoopprijsExclBTW"]) * (1 + rate))
    record["Actief"] = truth(wish.get("Actief", True), "Actief")
    return record

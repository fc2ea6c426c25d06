"""What the control API lets a tester do in the books, as a person over there would: one table of deeds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox import books, by_hand, moments
from sandbox.books import Administration
from sandbox.control_articles import change_article, remove_article
from sandbox.control_relations import change_relation, remove_relation
from sandbox.wishes import WrongWish


@dataclass(frozen=True)
class Deed:
    """What is done at an address in one transaction, a GET in one that only reads; `on_all`: with the whole list and
    not with one of it."""

    carry_out: Callable[..., Any]
    on_all: bool = False


def _id(wish: Any) -> int:
    """Which of several invoices under one number is meant; 0 when the wish does not say."""
    if isinstance(wish, dict) and "id" in wish:
        if not isinstance(wish["id"], int):
            raise WrongWish('"id" is the id of an invoice, a number')
        return wish["id"]
    return 0


def _with_invoice(deed: Callable[..., Any]) -> Deed:
    def carry_out(connection: sqlite3.Connection, found: Administration, number: str, wish: Any) -> Any:
        item = by_hand.find(connection, found.name, number, _id(wish))
        return deed(connection, found, item, wish)

    return Deed(carry_out)


def _moment(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise LookupError(f"there is no moment {text!r}")
    return int(text)


def _remove_invoice(connection: sqlite3.Connection, found: Administration, number: str, wish: Any) -> Any:
    return _removed(by_hand.remove(connection, found.name, number, _id(wish)), f"invoice {number!r}")


def _remove_relation(connection: sqlite3.Connection, found: Administration, code: str, wish: Any) -> Any:
    return _removed(remove_relation(connection, found.name, code), f"relation {code!r}")


def _remove_article(connection: sqlite3.Connection, found: Administration, code: str, wish: Any) -> Any:
    return _removed(remove_article(connection, found.name, code), f"article {code!r}")


def _removed(number: int, what: str) -> dict[str, int]:
    if not number:
        raise LookupError(f"there is no {what}")
    return {"removed": number}


def _take(connection: sqlite3.Connection, found: Administration, wish: Any) -> Any:
    wanted = {} if wish is None else wish
    if not isinstance(wanted, dict) or set(wanted) - {"title"} or not isinstance(wanted.get("title", ""), str):
        raise WrongWish('{"title": a name for this moment}, or nothing')
    return moments.take(connection, found.name, wanted.get("title", ""))


def _forget(connection: sqlite3.Connection, found: Administration, moment: str, wish: Any) -> Any:
    moments.forget(connection, found.name, _moment(moment))
    return {"removed": 1}


# by method, list, and the word behind one of the list
DEEDS: dict[tuple[str, ...], Deed] = {
    ("POST", "invoices"): Deed(by_hand.add, on_all=True),
    ("PUT", "invoices"): _with_invoice(by_hand.change),
    ("DELETE", "invoices"): Deed(_remove_invoice),
    ("POST", "invoices", "copy"): _with_invoice(by_hand.copy),
    ("POST", "invoices", "book"): _with_invoice(by_hand.book),
    ("POST", "invoices", "payment"): _with_invoice(by_hand.receive_payment),
    ("PUT", "relations"): Deed(lambda there, found, code, wish: change_relation(there, found.name, code, wish)),
    ("DELETE", "relations"): Deed(_remove_relation),
    ("GET", "articles"): Deed(lambda there, found, wish: books.articles(there, found.name), on_all=True),
    ("PUT", "articles"): Deed(lambda there, found, code, wish: change_article(there, found.name, code, wish)),
    ("DELETE", "articles"): Deed(_remove_article),
    ("GET", "moments"): Deed(lambda there, found, wish: moments.moments(there, found.name), on_all=True),
    ("POST", "moments"): Deed(_take, on_all=True),
    ("POST", "moments", "restore"): Deed(
        lambda there, found, moment, wish: moments.go_back(there, found.name, _moment(moment))
    ),
    ("DELETE", "moments"): Deed(_forget),
}

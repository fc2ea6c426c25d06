"""What stands on every ledger account: each mutation booked on both sides, debit counted as positive."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox import books, mutations

# kinds by which the account of the mutation itself goes down; all others make it go up
_DOWN = (mutations.RECEIVED, mutations.PAID_BY_US, "GeldUitgegeven")
_VAT_CATEGORIES = (("HOOG_VERK", "AF19"), ("LAAG_VERK", "AF6"), ("_INK", "VOOR"))


def balances(
    connection: sqlite3.Connection,
    name: str,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    cost_centre: int = 0,
) -> dict[str, Decimal]:
    """The balance of every ledger account by its code, of one cost centre when it is given (not 0)."""
    accounts = books.ledger_accounts(connection, name)
    lowest: dict[str, str] = {}
    for account in accounts:
        lowest.setdefault(account["Categorie"], account["Code"])
    sums: dict[str, Decimal] = defaultdict(Decimal, {account["Code"]: Decimal(0) for account in accounts})
    for mutation in mutations.find(connection, name, first_day=first_day, last_day=last_day):
        for code, centre, amount in _entries(mutation, lowest):
            if cost_centre in (0, centre):
                sums[code] += amount
    return sums


def _entries(mutation: Mapping[str, Any], lowest: Mapping[str, str]) -> Iterator[tuple[str, int, Decimal]]:
    """Code, cost centre and amount of every side of a mutation; they add up to zero."""
    sign = -1 if mutation["Soort"] in _DOWN else 1
    yield mutation.get("Rekening", ""), 0, sign * mutations.total(mutation)
    for line in mutation["MutatieRegels"]:
        counter, centre = line.get("TegenrekeningCode", ""), line.get("KostenplaatsID", 0)
        vat_account = lowest.get(_vat_category(line.get("BTWCode", "")), counter)
        yield counter, centre, -sign * (line["BedragInclBTW"] - line["BedragBTW"])
        yield vat_account, centre, -sign * line["BedragBTW"]


def _vat_category(vat_code: str) -> str:
    return next((category for part, category in _VAT_CATEGORIES if part in vat_code), "AFOVERIG")

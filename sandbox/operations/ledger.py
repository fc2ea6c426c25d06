"""Ledger accounts and what stands on them: AddGrootboekrekening, UpdateGrootboekrekening, GetSaldo, GetSaldi."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox import books
from sandbox.balances import balances
from sandbox.errors import BusinessError
from sandbox.operations.context import Context, administration_of

_CATEGORIES = ("VW", "BAL")


def add_ledger_account(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write a new account. Raises BusinessError (CGN003, CGB001, CGB002, CGB005, CGB006)."""
    name = administration_of(context, values).name
    given = values.get("oGb", {})
    with context.store.writing() as connection:
        _check(connection, name, given, 0, "")
        account_id = books.next_ledger_id(connection)
        books.write_ledger_account(connection, name, account_id, given)
    return {"Gb_ID": account_id}


def update_ledger_account(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Replace an account by its ID. Raises BusinessError (the codes of adding with ".1", or CGB004.1)."""
    name = administration_of(context, values).name
    given = values.get("oGb", {})
    account_id = given.get("ID", 0)
    with context.store.writing() as connection:
        if account_id not in {account["ID"] for account in books.ledger_accounts(connection, name)}:
            raise BusinessError("CGB004.1")
        _check(connection, name, given, account_id, ".1")
        books.write_ledger_account(connection, name, account_id, given)
    return {}


def _check(connection: sqlite3.Connection, name: str, given: Mapping[str, Any], account_id: int, tail: str) -> None:
    code = given.get("Code", "").strip()
    others = {account["Code"] for account in books.ledger_accounts(connection, name) if account["ID"] != account_id}
    for refusal, passed in (
        ("CGN003", bool(code)),
        ("CGB001", code not in others),
        ("CGB002", bool(given.get("Omschrijving", "").strip())),
        ("CGB005", bool(given.get("Categorie", "").strip())),
        ("CGB006", given.get("Categorie") in _CATEGORIES),
    ):
        if not passed:
            raise BusinessError(refusal + tail)


def _balances(context: Context, name: str, wanted: Mapping[str, Any]) -> Mapping[str, Decimal]:
    first, last = wanted.get("DatumVan"), wanted.get("DatumTot")
    with context.store.reading() as connection:
        return balances(
            connection,
            name,
            first_day=first and first.date(),
            last_day=last and last.date(),
            cost_centre=wanted.get("KostenPlaatsId", 0),
        )


def balance(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands on one account, or of one cost centre on all. Raises BusinessError without either (CGN003), and for
    an account that is not there (CGB004)."""
    name = administration_of(context, values).name
    wanted = values.get("cFilter", {})
    code = wanted.get("GbCode", "").strip()
    if not code and not wanted.get("KostenPlaatsId"):
        raise BusinessError("CGN003")
    sums = _balances(context, name, wanted)
    if code and code not in sums:
        raise BusinessError("CGB004")
    return {"Saldo": sums[code] if code else sum(sums.values(), Decimal(0))}


def list_balances(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands on every account, of one category when it is given."""
    name = administration_of(context, values).name
    wanted = values.get("cFilter", {})
    sums = _balances(context, name, wanted)
    with context.store.reading() as connection:
        accounts = books.ledger_accounts(connection, name)
    return {
        "Saldi": [
            {key: account[key] for key in ("ID", "Code", "Categorie")} | {"Saldo": sums[account["Code"]]}
            for account in accounts
            if wanted.get("Categorie", "") in ("", account["Categorie"])
        ]
    }

"""AddFactuur: its checks in their order, and the one transaction that keeps the invoice."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from sandbox import books, invoices
from sandbox.booking import book_invoice
from sandbox.books import Administration
from sandbox.errors import BusinessError
from sandbox.operations.context import Context, administration_of
from sandbox.vat import SALES_RATES, to_cents

_MOST_LINES = 100
_FIRST_YEAR, _LAST_YEAR = 1980, 2049
# an invoice line books on a profit-and-loss or balance account, not on debtors, creditors or VAT
_LINE_CATEGORIES = ("VW", "BAL")
_NEEDED_FOR = {
    "PerEmailVerzenden": (
        ("EmailBericht", "CFACT029"),
        ("EmailVanAdres", "CFACT030"),
        ("EmailOnderwerp", "CFACT031"),
    ),
    "InBoekhoudingPlaatsen": (("BoekhoudmutatieOmschrijving", "CFACT032"),),
    "AutomatischeIncasso": (
        ("IncassoRekeningNummer", "CFACT033"),
        ("IncassoTnv", "CFACT034"),
        ("IncassoPlaats", "CFACT035"),
        ("IncassoOmschrijvingRegel1", "CFACT036"),
    ),
}


def add_invoice(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check and keep an invoice, all or nothing. Raises BusinessError (E002.*, CFACT*, CMUT012)."""
    administration = administration_of(context, values)
    fact = as_counted(administration, values.get("oFact", {}))
    if context.mischief("number_taken"):
        _take_number(context, administration, fact)
    with context.store.writing() as connection:
        check_invoice(connection, administration, fact)
        number = fact.get("Factuurnummer", "")
        if not number.strip():
            number = invoices.next_number(connection, administration.name)
        invoices.keep(connection, administration, number, fact)
        if fact.get("InBoekhoudingPlaatsen"):
            book_invoice(connection, administration, number, fact)
    return {"Factuurnummer": number}


def as_counted(administration: Administration, fact: Mapping[str, Any]) -> Mapping[str, Any]:
    """The invoice with its numbers as the service counts with them: rounded to two decimals, unless it keeps them."""
    if administration.switches.decimals == "keep":
        return fact
    lines = [
        {**line, **{name: to_cents(line[name]) for name in ("Aantal", "PrijsPerEenheid") if name in line}}
        for line in fact.get("Regels", {}).get("cFactuurRegel", [])
    ]
    return {**fact, "Regels": {"cFactuurRegel": lines}}


def _take_number(context: Context, administration: Administration, fact: Mapping[str, Any]) -> None:
    """Mischief: somebody over there has just made another invoice under the number that comes in."""
    with context.store.writing() as connection:
        others = [relation["Code"] for relation in books.relations(connection, administration.name, limit=2)]
        code = next((other for other in others if other != fact.get("Relatiecode")), "ANDER")
        number = fact.get("Factuurnummer", "").strip()
        if number and not invoices.number_taken(connection, administration.name, number):
            invoices.keep(connection, administration, number, invoices.of_somebody_else(code))


def _given(values: Mapping[str, Any], name: str) -> bool:
    return bool(str(values.get(name, "")).strip())


def check_invoice(
    connection: sqlite3.Connection, administration: Administration, fact: Mapping[str, Any], new_number: bool = True
) -> None:
    """What an invoice has to be; `new_number`: its number may not be in use yet. Raises BusinessError."""
    _check_head(connection, administration, fact, new_number)
    _check_lines(connection, administration, fact)


def _check_head(
    connection: sqlite3.Connection, administration: Administration, fact: Mapping[str, Any], new_number: bool
) -> None:
    if not _given(fact, "Relatiecode"):
        raise BusinessError("CFACT024")
    if not books.relation_exists(connection, administration.name, fact["Relatiecode"]):
        raise BusinessError("CFACT025")
    if "Datum" not in fact or not _FIRST_YEAR <= fact["Datum"].year <= _LAST_YEAR:
        raise BusinessError("CFACT004")
    refused = (None, 0) if administration.switches.zero_term == "refuse" else (None,)
    if fact.get("Betalingstermijn") in refused:
        raise BusinessError("CFACT014")
    if not _given(fact, "Factuursjabloon"):
        raise BusinessError("CFACT027")
    if not books.template_exists(connection, administration.name, fact["Factuursjabloon"]):
        raise BusinessError("CFACT028")
    if (
        new_number
        and _given(fact, "Factuurnummer")
        and administration.switches.used_number == "refuse"
        and invoices.number_taken(connection, administration.name, fact["Factuurnummer"])
    ):
        raise BusinessError("CFACT026")
    for wish, needed in _NEEDED_FOR.items():
        if fact.get(wish):
            for name, code in needed:
                if not _given(fact, name):
                    raise BusinessError(code)


def _check_lines(connection: sqlite3.Connection, administration: Administration, fact: Mapping[str, Any]) -> None:
    lines = fact.get("Regels", {}).get("cFactuurRegel", [])
    if not 1 <= len(lines) <= _MOST_LINES:
        raise BusinessError("CFACT006")
    accounts = {
        account["Code"]: account["Categorie"] for account in books.ledger_accounts(connection, administration.name)
    }
    centres = {centre["KostenplaatsId"] for centre in books.cost_centres(connection, administration.name)}
    negative = administration.switches.negative_lines
    for position, line in enumerate(lines, start=1):
        _check_line(line, position, accounts, centres)
        if negative == "refuse" and line.get("Aantal", 0) * line.get("PrijsPerEenheid", 0) < 0:
            raise BusinessError("CFACT901", line=position)


def _check_line(line: Mapping[str, Any], position: int, accounts: Mapping[str, str], centres: set[int]) -> None:
    centre = line.get("KostenplaatsID", 0)
    checks = (
        ("CFACT037", _given(line, "Code")),
        ("CFACT038", _given(line, "BTWCode")),
        ("CFACT042", line.get("BTWCode") in SALES_RATES),
        ("CFACT039", _given(line, "Omschrijving")),
        ("CFACT040", _given(line, "TegenrekeningCode")),
        ("CMUT012", accounts.get(line.get("TegenrekeningCode", "")) in _LINE_CATEGORIES),
        ("CFACT212", centre == 0 or centre in centres),
    )
    for code, passed in checks:
        if not passed:
            raise BusinessError(code, line=position)

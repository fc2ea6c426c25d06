"""Booking an invoice of the invoice module as a mutation, as InBoekhoudingPlaatsen asks for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox import books, mutations
from sandbox.books import Administration
from sandbox.vat import SALES_RATES, line_amount, to_cents, totals


def book_invoice(
    connection: sqlite3.Connection,
    administration: Administration,
    number: str,
    fact: Mapping[str, Any],
    mutation_number: int | None = None,
) -> None:
    """Book an invoice on the debtor account with the lowest code; `fact` are the values of cFactuur. The mutation gets
    the next number, or the one it had."""
    accounts = books.ledger_accounts(connection, administration.name)
    debtors = [account["Code"] for account in accounts if account["Categorie"] == "DEB"]
    mutations.keep(
        connection,
        administration.name,
        {
            "Soort": mutations.SENT,
            "Datum": fact["Datum"],
            "Rekening": min(debtors, default=""),
            "RelatieCode": fact["Relatiecode"],
            "Factuurnummer": number,
            "Boekstuk": "",
            "Omschrijving": fact["BoekhoudmutatieOmschrijving"],
            "Betalingstermijn": str(fact["Betalingstermijn"]),
            "InExBTW": "EX",
            "MutatieRegels": {"cMutatieRegel": _lines(fact, administration.switches.vat_per)},
        },
        mutation_number,
    )


def _lines(fact: Mapping[str, Any], vat_per: str) -> list[dict[str, Any]]:
    invoice_lines = fact["Regels"]["cFactuurRegel"]
    lines = [_line(line) for line in invoice_lines]
    # rounding per total: the cent that the lines miss goes to the first line with VAT
    missed = totals(invoice_lines, vat_per).vat - sum(line["BedragBTW"] for line in lines)
    for line in lines:
        if missed and line["BedragBTW"]:
            line["BedragBTW"] += missed
            line["BedragInclBTW"] += missed
            break
    return lines


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    amount, rate = line_amount(line), SALES_RATES[line["BTWCode"]]
    vat: Decimal = to_cents(amount * rate)
    return {
        "BedragInvoer": amount,
        "BedragExclBTW": amount,
        "BedragBTW": vat,
        "BedragInclBTW": amount + vat,
        "BTWCode": line["BTWCode"],
        "BTWPercentage": rate * 100,
        "TegenrekeningCode": line["TegenrekeningCode"],
        "KostenplaatsID": line.get("KostenplaatsID", 0),
    }

"""What a person over there does to invoices by hand: make, edit, renumber, redate, copy, book, be paid, delete.

An invoice that was booked takes its mutation and payments along: to another number or relation, and when it is deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox import books, invoices, mutations
from sandbox.booking import book_invoice
from sandbox.books import Administration
from sandbox.errors import BusinessError
from sandbox.operations.adding_invoices import as_counted, check_invoice
from sandbox.wishes import WrongWish, amount, whole

LINE_FIELDS = (
    "Aantal", "Eenheid", "Code", "Omschrijving", "PrijsPerEenheid", "BTWCode", "TegenrekeningCode", "KostenplaatsID",
)  # fmt: skip
FIELDS = ("Factuurnummer", "Relatiecode", "Datum", "Betalingstermijn", "Factuursjabloon", "Regels")
_NEW = {"Betalingstermijn": 30, "Factuursjabloon": "Factuursjabloon"}
_NEW_LINE = {"Aantal": "1", "Eenheid": "", "Code": "HAND", "BTWCode": "HOOG_VERK_21", "TegenrekeningCode": "8000"}
_BOOKED, _TOLD = "InBoekhoudingPlaatsen", "BoekhoudmutatieOmschrijving"


def find(connection: sqlite3.Connection, name: str, number: str, invoice_id: int = 0) -> dict[str, Any]:
    """The invoice of a number; of several under that number the one of this id.

    Raises LookupError, and WrongWish when the number alone does not say which.
    """
    found = [item for item in invoices.find(connection, name, number=number) if invoice_id in (0, item["id"])]
    if not found:
        raise LookupError(f"there is no invoice {number!r}")
    if len(found) > 1:
        ids = ", ".join(str(item["id"]) for item in found)
        raise WrongWish(f'more invoices carry the number {number!r}: say which with "id" ({ids})')
    return found[0]


def add(connection: sqlite3.Connection, administration: Administration, wish: Any) -> dict[str, Any]:
    """Make an invoice; what is left out gets an ordinary value, the number of their own series.

    Raises WrongWish.
    """
    given = {**_NEW, "Datum": f"{datetime.now(UTC):%Y-%m-%d}", **_given(wish)}
    return _kept(connection, administration, given)


def change(
    connection: sqlite3.Connection, administration: Administration, item: Mapping[str, Any], wish: Any
) -> dict[str, Any]:
    """Edit an invoice: the fields of `wish` (cFactuur names) replace what it has. Raises WrongWish."""
    name = administration.name
    fact = _as_fact({**item, **_given(wish)})
    same_number = fact["Factuurnummer"] == item["Factuurnummer"]
    fact = _checked(connection, administration, fact, new_number=not same_number)
    booked = mutations.of_invoice(connection, name, item["Relatiecode"], item["Factuurnummer"])
    invoices.rewrite(connection, administration, item, fact)
    if item.get(_BOOKED):
        mutations.remove(connection, name, [one["MutatieNr"] for one in booked if one["Soort"] == mutations.SENT])
        number = next((one["MutatieNr"] for one in booked if one["Soort"] == mutations.SENT), None)
        book_invoice(connection, administration, fact["Factuurnummer"], fact, mutation_number=number)
        for one in booked:
            if one["Soort"] == mutations.PAID_TO_US:
                mutations.readdress(connection, name, one["MutatieNr"], fact["Relatiecode"], fact["Factuurnummer"])
    return _one(connection, name, item["id"])


def copy(
    connection: sqlite3.Connection, administration: Administration, item: Mapping[str, Any], wish: Any
) -> dict[str, Any]:
    """Make another invoice with the same content, not booked; the wish may change fields. Raises WrongWish."""
    given = {**{key: item[key] for key in FIELDS if key != "Factuurnummer"}, **_given(wish)}
    return _kept(connection, administration, given)


def book(
    connection: sqlite3.Connection, administration: Administration, item: Mapping[str, Any], wish: Any
) -> dict[str, Any]:
    """Put an invoice in the books, so that it is open until it is paid. Raises WrongWish when it stands there."""
    name, wanted = administration.name, _object(wish, ("id", "Omschrijving"))
    if item.get(_BOOKED):
        raise WrongWish(f"invoice {item['Factuurnummer']} stands in the books already")
    told = str(wanted.get("Omschrijving") or f"Factuur {item['Factuurnummer']}")
    fact = _as_fact(item) | {_BOOKED: True, _TOLD: told}
    invoices.rewrite(connection, administration, item, fact)
    book_invoice(connection, administration, item["Factuurnummer"], fact)
    return _one(connection, name, item["id"])


def receive_payment(
    connection: sqlite3.Connection, administration: Administration, item: Mapping[str, Any], wish: Any
) -> dict[str, Any]:
    """Receive (a part of) what is open; without "Bedrag" all of it. Raises WrongWish when it is not in the books."""
    name, wanted = administration.name, _object(wish, ("id", "Bedrag", "Datum"))
    if not item.get(_BOOKED):
        raise WrongWish(f"invoice {item['Factuurnummer']} is not in the books: book it first")
    paid = amount(wanted.get("Bedrag", item["TotaalOpenstaand"]), "Bedrag")
    if not paid:
        raise WrongWish("nothing is open, so there is nothing to receive; give a Bedrag")
    accounts = books.ledger_accounts(connection, name)
    money = min(account["Code"] for account in accounts if account["Categorie"] == "FIN")
    debtors = min(account["Code"] for account in accounts if account["Categorie"] == "DEB")
    line = {
        "BedragInvoer": paid, "BedragExclBTW": paid, "BedragBTW": Decimal(0), "BedragInclBTW": paid,
        "BTWCode": "GEEN", "BTWPercentage": Decimal(0), "TegenrekeningCode": debtors, "KostenplaatsID": 0,
    }  # fmt: skip
    mutations.keep(connection, name, {
        "Soort": mutations.PAID_TO_US, "Datum": _day(wanted.get("Datum", f"{datetime.now(UTC):%Y-%m-%d}")),
        "Rekening": money, "RelatieCode": item["Relatiecode"], "Factuurnummer": item["Factuurnummer"], "Boekstuk": "",
        "Omschrijving": "Betaling ontvangen", "Betalingstermijn": "", "InExBTW": "",
        "MutatieRegels": {"cMutatieRegel": [line]},
    })  # fmt: skip
    return _one(connection, name, item["id"])


def remove(connection: sqlite3.Connection, name: str, number: str, invoice_id: int = 0) -> int:
    """Delete the invoices of a number (or the one of this id), their bookings and payments; how many there were."""
    found = [item for item in invoices.find(connection, name, number=number) if invoice_id in (0, item["id"])]
    for item in found:
        if item.get(_BOOKED):
            booked = mutations.of_invoice(connection, name, item["Relatiecode"], number)
            mutations.remove(connection, name, [one["MutatieNr"] for one in booked])
        invoices.remove(connection, name, item["id"])
    return len(found)


def _kept(connection: sqlite3.Connection, administration: Administration, given: Mapping[str, Any]) -> dict[str, Any]:
    fact = _checked(connection, administration, _as_fact(given), new_number=True)
    number = fact.get("Factuurnummer", "") or invoices.next_number(connection, administration.name)
    return _one(connection, administration.name, invoices.keep(connection, administration, number, fact))


def _checked(
    connection: sqlite3.Connection, administration: Administration, fact: dict[str, Any], new_number: bool
) -> dict[str, Any]:
    counted = dict(as_counted(administration, fact))
    try:
        check_invoice(connection, administration, counted, new_number=new_number)
    except BusinessError as error:
        raise WrongWish(f"{error.code}: {error.text}") from None
    return counted


def _one(connection: sqlite3.Connection, name: str, invoice_id: int) -> dict[str, Any]:
    found = invoices.one(connection, name, invoice_id)
    assert found is not None
    return found


# -- reading a wish ----------------------------------------------------------------------------------


def _given(wish: Any) -> dict[str, Any]:
    wanted = _object(wish, ("id", *FIELDS))
    return {key: value for key, value in wanted.items() if key != "id"}


def _object(wish: Any, allowed: tuple[str, ...]) -> dict[str, Any]:
    if wish is None:
        return {}
    if not isinstance(wish, dict) or set(wish) - set(allowed):
        raise WrongWish(f"a JSON object with {', '.join(allowed)}")
    return wish


def _as_fact(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept or asked for, with the types that the service itself reads from a call."""
    lines = given.get("Regels")
    if not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
        raise WrongWish("Regels is a list of lines")
    kept = {key: value for key, value in given.items() if key not in _ADDED}
    return kept | {
        "Factuurnummer": str(given.get("Factuurnummer", "")).strip(),
        "Relatiecode": str(given.get("Relatiecode", "")).strip(),
        "Datum": _day(given.get("Datum")),
        "Betalingstermijn": whole(given.get("Betalingstermijn"), "Betalingstermijn"),
        "Regels": {"cFactuurRegel": [_line(line) for line in lines]},
    }


# what the books add to an invoice by themselves
_ADDED = ("id", "received_at", "TotaalExclBTW", "TotaalBTW", "TotaalInclBTW", "TotaalOpenstaand", "URLPDFBestand")


def _line(given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(given) - {*LINE_FIELDS, "Bedrag"}:
        raise WrongWish(f"unknown in a line: {', '.join(sorted(unknown))}")
    line = {**_NEW_LINE, **{key: str(value) for key, value in given.items() if key != "Bedrag"}}
    return line | {
        "Aantal": amount(line["Aantal"], "Aantal"),
        "PrijsPerEenheid": amount(line.get("PrijsPerEenheid", "0"), "PrijsPerEenheid"),
        "KostenplaatsID": whole(line.get("KostenplaatsID", 0), "KostenplaatsID"),
    }


def _day(text: Any) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(str(text)), datetime.min.time())
    except ValueError:
        raise WrongWish(f"Datum is a day like 2026-11-22, not {text!r}") from None

"""What a person does to one invoice in one press: renumber, redate, readdress, copy, book, be paid, delete."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox import by_hand
from sandbox.books import Administration
from sandbox.errors import TEXTS
from sandbox.markup import Markup, day, element, euro, html, link
from sandbox.pages.fields import WHOLE_FORM, Field, Form, filled, fold, form
from sandbox.pages.request import Request
from sandbox.wishes import WrongWish

# the field that an error of theirs is about
_ABOUT = {
    "CFACT004": "Datum", "CFACT014": "Betalingstermijn", "CFACT024": "Relatiecode", "CFACT025": "Relatiecode",
    "CFACT026": "Factuurnummer", "CFACT027": "Factuursjabloon", "CFACT028": "Factuursjabloon",
}  # fmt: skip
NAMES = {
    "Factuurnummer": "nummer", "Relatiecode": "relatie", "Datum": "datum", "Betalingstermijn": "termijn",
    "Factuursjabloon": "sjabloon", "TotaalExclBTW": "totaal excl. btw", "TotaalInclBTW": "totaal incl. btw",
    "TotaalOpenstaand": "openstaand",
}  # fmt: skip
_Carry = Callable[[sqlite3.Connection, Administration, Mapping[str, Any], dict[str, Any]], Any]


@dataclass(frozen=True)
class Deed:
    """One deed: its form, what keeps it from being done (Dutch; empty: nothing), and how it is carried out.

    `carry_out` gives the invoice that there is afterwards, or what it gave when the invoice is gone.
    """

    title: str
    button: str
    carry_out: _Carry
    fields: tuple[Field, ...] = ()
    told: str = ""
    in_the_way: Callable[[Mapping[str, Any]], str] = lambda item: ""
    stands: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda item: item
    danger: bool = False


def _today(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Datum": f"{datetime.now(UTC):%Y-%m-%d}", "Bedrag": item["TotaalOpenstaand"]}


def _already_booked(item: Mapping[str, Any]) -> str:
    return "Deze factuur staat al in de boekhouding." if item.get("InBoekhoudingPlaatsen") else ""


def _cannot_be_paid(item: Mapping[str, Any]) -> str:
    if not item.get("InBoekhoudingPlaatsen"):
        return "Deze factuur staat nog niet in de boekhouding. Plaats hem daar eerst."
    return "" if Decimal(item["TotaalOpenstaand"]) else "Van deze factuur staat niets meer open."


def _remove(connection: sqlite3.Connection, there: Administration, item: Mapping[str, Any], wish: Any) -> int:
    return by_hand.remove(connection, there.name, item["Factuurnummer"], item["id"])


DEEDS: dict[str, Deed] = {
    "hernummeren": Deed(
        "Een ander nummer geven", "Hernummeren", by_hand.change, (Field("Factuurnummer", "Nummer", needed=True),)
    ),
    "datum": Deed(
        "Een andere datum geven", "Datum wijzigen", by_hand.change, (Field("Datum", "Datum", "day", needed=True),)
    ),
    "relatie": Deed(
        "Op een andere relatie zetten", "Relatie wijzigen", by_hand.change,
        (Field("Relatiecode", "Relatiecode", needed=True),),
    ),
    "kopieren": Deed(
        "Kopiëren", "Kopie maken", by_hand.copy,
        (Field("Factuurnummer", "Nummer van de kopie", help="Leeg: het volgende nummer van hun eigen reeks."),
         Field("Datum", "Datum", "day", needed=True)),
        "De kopie heeft dezelfde inhoud en staat nog niet in de boekhouding.",
        stands=lambda item: {"Datum": item["Datum"]},
    ),
    "boeken": Deed(
        "In de boekhouding plaatsen", "Plaatsen", by_hand.book, (Field("Omschrijving", "Omschrijving"),),
        "De factuur staat dan open tot hij is betaald.", _already_booked,
        lambda item: {"Omschrijving": f"Factuur {item['Factuurnummer']}"},
    ),
    "betaling": Deed(
        "Betaling ontvangen", "Betaling boeken", by_hand.receive_payment,
        (Field("Bedrag", "Bedrag", "amount", needed=True), Field("Datum", "Datum", "day", needed=True)),
        "Een deel mag ook.", _cannot_be_paid, _today,
    ),
    "verwijderen": Deed(
        "Verwijderen", "Factuur verwijderen", _remove, (),
        "Hij verdwijnt, met zijn boeking en betalingen. Dit komt niet terug, behalve via een moment.", danger=True,
    ),
}  # fmt: skip


def offered(request: Request, item: Mapping[str, Any], tried: tuple[str, Form] | None) -> Markup:
    """Every deed as a form that opens on a click, or the reason why it cannot be done."""
    edit = element("p", link(request.address("facturen", item["id"], "wijzigen"), "Alles wijzigen, ook de regels"))
    parts = [element("h2", "Met de hand"), edit]
    for word, deed in DEEDS.items():
        word_tried, filled_in = tried or ("", None)
        content: object = element("p", deed.in_the_way(item))
        if not deed.in_the_way(item) or word == word_tried:
            shown = filled_in if word == word_tried and filled_in else filled(deed.fields, deed.stands(item))
            told = element("p", deed.told) if deed.told else ""
            action = request.address("facturen", item["id"], word)
            content = form(action, request.key, told, shown.rows(), button=deed.button, danger=deed.danger)
        parts.append(fold(deed.title, content, opened=word == word_tried))
    return Markup("".join(html(part) for part in parts))


def refused(given: Form, why: WrongWish) -> None:
    """Put beside its field what the rules of the service have against a form."""
    code = str(why).partition(":")[0]
    text = f"{str(why).partition(': ')[2]} ({code})" if code in TEXTS else f"Dat kan niet: {why}"
    field = _ABOUT.get(code, WHOLE_FORM)
    given.wrong[field if field in {one.name for one in given.fields} else WHOLE_FORM] = text


def told(deed: str, before: Mapping[str, Any], after: Any) -> str:
    """What was done, in a sentence."""
    number = before["Factuurnummer"]
    if deed == "verwijderen":
        return f"Factuur {number} is verwijderd."
    if deed == "kopieren":
        return f"Factuur {number} is gekopieerd naar {after['Factuurnummer']}."
    if deed == "boeken":
        return f"Factuur {number} staat nu in de boekhouding; {euro(after['TotaalOpenstaand'])} staat open."
    if deed == "betaling":
        paid = Decimal(before["TotaalOpenstaand"]) - Decimal(after["TotaalOpenstaand"])
        return f"Van factuur {number} is {euro(str(paid))} ontvangen; {euro(after['TotaalOpenstaand'])} staat nog open."
    return changed(before, after)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What is different about an invoice, in a sentence."""
    number = before["Factuurnummer"]
    parts = [
        f"{name} {_text(key, before.get(key))} werd {_text(key, after.get(key))}"
        for key, name in NAMES.items()
        if before.get(key) != after.get(key)
    ]
    if before["Regels"] != after["Regels"]:
        parts.append("de regels zijn anders")
    return (
        f"Factuur {number} is gewijzigd: {'; '.join(parts)}." if parts else f"Aan factuur {number} is niets veranderd."
    )


def _text(key: str, value: Any) -> str:
    if key == "Datum":
        return day(value)
    return euro(value) if key.startswith("Totaal") else str(value)

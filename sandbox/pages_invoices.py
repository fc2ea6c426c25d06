"""The pages on which a person sees the invoices that arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandbox import books, invoices, markup
from sandbox.books import Administration
from sandbox.markup import day, euro, facts, link, moment, table
from sandbox.page_frame import MOST_ROWS, list_page, tabs
from sandbox.store import Store

_PATH = ("Factureren", "Facturen", "Overzicht")
_HEADS = ("Nummer", "Relatie", "Datum", "Termijn", "Excl. btw", "Btw", "Incl. btw", "Openstaand")
_LINE_HEADS = ("Aantal", "Eenheid", "Code", "Omschrijving", "Prijs", "Btw-code", "Rekening", "Bedrag")


def overview(store: Store, administration: Administration, wanted: str) -> bytes:
    """Factureren › Facturen › Overzicht, the newest arrival on top."""
    name = administration.name
    with store.reading() as connection:
        found = invoices.find(connection, name)
        companies = books.companies(connection, name)
    shown = [item for item in reversed(found) if _meets(item, companies, wanted)]
    rows = [
        (
            link(f"/{quote(name)}/facturen/{item['id']}", item["Factuurnummer"]),
            f"{item['Relatiecode']} {companies.get(item['Relatiecode'], '')}",
            day(item["Datum"]),
            f"{item['Betalingstermijn']} dagen",
            *_totals(item),
        )
        for item in shown[:MOST_ROWS]
    ]
    content = table(_HEADS, rows, numeric=(4, 5, 6, 7))
    return list_page(administration, "facturen", "Facturen", wanted, len(shown), content, _PATH)


def detail(store: Store, administration: Administration, invoice_id: str) -> bytes | None:
    """One invoice with its lines; None when there is none of this id."""
    if not invoice_id.isascii() or not invoice_id.isdigit() or len(invoice_id) > 15:
        return None
    with store.reading() as connection:
        item = invoices.one(connection, administration.name, int(invoice_id))
        if item is None:
            return None
        relation = books.relations(connection, administration.name, code=item["Relatiecode"])
    company = relation[0]["Bedrijf"] if relation else "(verwijderd)"
    return markup.page(
        f"Factuur {item['Factuurnummer']}",
        facts(
            (
                ("Relatie", f"{item['Relatiecode']} {company}"),
                ("Factuurdatum", day(item["Datum"])),
                ("Betalingstermijn", f"{item['Betalingstermijn']} dagen"),
                ("Sjabloon", item["Factuursjabloon"]),
                ("Per e-mail verzenden", _yes_no(item.get("PerEmailVerzenden"))),
                ("In de boekhouding geplaatst", _yes_no(item.get("InBoekhoudingPlaatsen"))),
                ("Ontvangen", moment(item["received_at"])),
            )
        ),
        table(_LINE_HEADS, [_line(line) for line in item["Regels"]], numeric=(0, 4, 7)),
        facts(zip(("Totaal excl. btw", "Btw", "Totaal incl. btw", "Openstaand"), _totals(item), strict=True)),
        path=(administration.company, *_PATH),
        tabs=tabs(administration, "facturen"),
    )


def _meets(item: Mapping[str, Any], companies: Mapping[str, str], wanted: str) -> bool:
    code = item["Relatiecode"]
    return wanted.lower() in f"{item['Factuurnummer']} {code} {companies.get(code, '')}".lower()


def _totals(item: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return (
        euro(item["TotaalExclBTW"]),
        euro(item["TotaalBTW"]),
        euro(item["TotaalInclBTW"]),
        euro(item["TotaalOpenstaand"]),
    )


def _line(line: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        str(line.get("Aantal", "0")).replace(".", ","),
        line.get("Eenheid", ""),
        line["Code"],
        line["Omschrijving"],
        euro(line.get("PrijsPerEenheid", "0")),
        line["BTWCode"],
        line["TegenrekeningCode"],
        euro(line["Bedrag"]),
    )


def _yes_no(value: object) -> str:
    return "ja" if value else "nee"

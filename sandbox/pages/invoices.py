"""The pages on which a person sees the invoices that arrived, and finds what can be done to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox import books, invoices
from sandbox.markup import day, element, euro, facts, link, moment, table
from sandbox.pages import invoice_deeds
from sandbox.pages.fields import WHOLE_FORM, Form, typed_in
from sandbox.pages.frame import PER_PAGE, listed, page, skipped, wanted
from sandbox.pages.request import Done, Page, Reply, Request
from sandbox.wishes import WrongWish

PATH = ("Factureren", "Facturen", "Overzicht")
_HEADS = ("Nummer", "Relatie", "Datum", "Termijn", "Excl. btw", "Btw", "Incl. btw", "Openstaand")
_LINE_HEADS = ("Aantal", "Eenheid", "Code", "Omschrijving", "Prijs", "Btw-code", "Rekening", "Bedrag")


def overview(request: Request) -> Page:
    """Factureren › Facturen › Overzicht, the newest arrival on top."""
    with request.service.store.reading() as connection:
        count = invoices.count(connection, request.name, wanted(request))
        found = invoices.newest(connection, request.name, wanted(request), skip=skipped(request), limit=PER_PAGE)
        companies = books.companies(connection, request.name, [item["Relatiecode"] for item in found])
    rows = [
        (
            link(request.address("facturen", item["id"]), item["Factuurnummer"]),
            f"{item['Relatiecode']} {companies.get(item['Relatiecode'], '(verwijderd)')}",
            day(item["Datum"]),
            f"{item['Betalingstermijn']} dagen",
            *_totals(item),
        )
        for item in found
    ]
    content = listed(request, count, table(_HEADS, rows, numeric=(4, 5, 6, 7)))
    make = element("p", link(request.address("facturen", "nieuw"), "Nieuwe factuur"))
    return page(request, "facturen", "Facturen", make, content, path=PATH)


def detail(request: Request, invoice_id: int, tried: tuple[str, Form] | None = None) -> Page | None:
    """One invoice with its lines and what can be done to it; None when there is none of this id.

    `tried` is a deed that was refused: its word, and its form with what is wrong.
    """
    with request.service.store.reading() as connection:
        item = invoices.one(connection, request.name, invoice_id)
        if item is None:
            return None
        company = books.companies(connection, request.name, [item["Relatiecode"]])
    return page(
        request,
        "facturen",
        f"Factuur {item['Factuurnummer']}",
        facts(
            (
                ("Relatie", f"{item['Relatiecode']} {company.get(item['Relatiecode'], '(verwijderd)')}"),
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
        invoice_deeds.offered(request, item, tried),
        path=PATH,
        refused=tried is not None,
    )


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


def carrying_out(word: str) -> Callable[[Request, int], Reply]:
    """The view that carries out a deed of this word on one invoice, and shows the invoice again when that cannot be."""
    deed = invoice_deeds.DEEDS[word]

    def view(request: Request, invoice_id: int) -> Reply:
        given = typed_in(deed.fields, request.typed or {})
        wish = given.read()
        with request.service.store.writing() as connection:
            before = invoices.one(connection, request.name, invoice_id)
            if before is None:
                return None
            if reason := deed.in_the_way(before):
                given.wrong[WHOLE_FORM] = reason
            if not given.wrong:
                try:
                    after = deed.carry_out(connection, request.administration, before, wish)
                except WrongWish as why:
                    invoice_deeds.refused(given, why)
        if given.wrong:
            return detail(request, invoice_id, (word, given))
        gone = not isinstance(after, dict)
        address = request.address("facturen") if gone else request.address("facturen", after["id"])
        return Done(address, invoice_deeds.told(word, before, after))

    return view

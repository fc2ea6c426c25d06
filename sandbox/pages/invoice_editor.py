"""The page on which a person makes an invoice, or edits all of one: head and lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox import books, by_hand, invoices
from sandbox.markup import Markup, element, html, link, table
from sandbox.pages import invoice_deeds
from sandbox.pages.fields import WHOLE_FORM, Field, Form, bare_input, filled, form, read, shown, typed_in
from sandbox.pages.frame import page
from sandbox.pages.invoices import PATH
from sandbox.pages.request import Done, Page, Reply, Request
from sandbox.vat import SALES_RATES
from sandbox.wishes import WrongWish

_EMPTY_LINES = 3
_MOST_LINES = 100
# which fields of a line say that there is one; the others have a value of their own
_TELLING = ("Aantal", "Eenheid", "Omschrijving", "PrijsPerEenheid")
_NEW_LINE = {"Code": "HAND", "BTWCode": "HOOG_VERK_21", "TegenrekeningCode": "8000", "KostenplaatsID": "0"}


class _Editor:
    """An invoice being edited: a form for its head, and the texts and messages of its lines."""

    def __init__(self, request: Request, item: Mapping[str, Any] | None) -> None:
        self.request, self.item = request, item
        with request.service.store.reading() as connection:
            templates = books.templates(connection, request.name)
            accounts = books.ledger_accounts(connection, request.name)
        self.head_fields = (
            Field("Factuurnummer", "Nummer", needed=item is not None,
                  help="" if item else "Leeg: het volgende nummer van hun eigen reeks."),
            Field("Relatiecode", "Relatiecode", needed=True),
            Field("Datum", "Datum", "day", needed=True),
            Field("Betalingstermijn", "Betalingstermijn in dagen", "whole", needed=True),
            Field("Factuursjabloon", "Sjabloon", "choice", choices=tuple((name, name) for name in templates)),
        )  # fmt: skip
        booked_on = tuple((one["Code"], f"{one['Code']} {one['Omschrijving']}") for one in accounts)
        self.line_fields = (
            Field("Aantal", "Aantal", "amount", needed=True),
            Field("Eenheid", "Eenheid"),
            Field("Code", "Code"),
            Field("Omschrijving", "Omschrijving", "long", needed=True),
            Field("PrijsPerEenheid", "Prijs", "amount", needed=True),
            Field("BTWCode", "Btw-code", "choice", choices=tuple((code, code) for code in SALES_RATES)),
            Field("TegenrekeningCode", "Rekening", "choice", choices=booked_on),
            Field("KostenplaatsID", "Kostenplaats", "whole"),
        )
        self.wrong_in_lines: dict[str, str] = {}
        if request.typed is not None:
            self.head = typed_in(self.head_fields, request.typed)
            self.lines = self._typed_lines(request.typed)
        else:
            new = {"Datum": f"{datetime.now(UTC):%Y-%m-%d}", "Betalingstermijn": 30, "Factuursjabloon": templates[0]}
            self.head = filled(self.head_fields, item or new)
            self.lines = [
                {one.name: shown(one, line.get(one.name, "")) for one in self.line_fields}
                for line in (item or {}).get("Regels", ())
            ]

    def wish(self) -> dict[str, Any]:
        """What was typed, as the fields of an invoice; a line in which nothing stands is none."""
        wish = self.head.read()
        wish["Regels"] = [
            self._line(number, texts)
            for number, texts in enumerate(self.lines)
            if any(texts[name].strip() for name in _TELLING)
        ]
        if not wish["Regels"]:
            self.head.wrong[WHOLE_FORM] = "Een factuur heeft minstens één regel."
        return wish

    @property
    def is_wrong(self) -> bool:
        """Whether something was found that keeps this from being done."""
        return bool(self.head.wrong or self.wrong_in_lines)

    def page(self) -> Page:
        """The page with this form."""
        request, item = self.request, self.item
        title = f"Factuur {item['Factuurnummer']} wijzigen" if item else "Nieuwe factuur"
        back = request.address("facturen", item["id"]) if item else request.address("facturen")
        action = request.address("facturen", item["id"], "wijzigen") if item else request.address("facturen", "nieuw")
        hint = element("p", "Maak een regel leeg om hem weg te halen.", class_="uitleg")
        content = form(action, request.key, self.head.rows(), self._table(), hint, button="Bewaren")
        way_back = element("p", link(back, "Terug"))
        return page(request, "facturen", title, content, way_back, path=PATH, refused=self.is_wrong)

    def _typed_lines(self, typed: Mapping[str, str]) -> list[dict[str, str]]:
        here = [number for number in range(_MOST_LINES + _EMPTY_LINES) if f"Aantal-{number}" in typed]
        return [{one.name: typed.get(f"{one.name}-{number}", "") for one in self.line_fields} for number in here]

    def _line(self, number: int, texts: Mapping[str, str]) -> dict[str, Any]:
        line = {}
        for one in self.line_fields:
            try:
                line[one.name] = read(one, texts[one.name])
            except ValueError as why:
                self.wrong_in_lines[f"{one.name}-{number}"] = str(why)
        line["KostenplaatsID"] = line.get("KostenplaatsID") or 0
        return line

    def _table(self) -> Markup:
        blank = {one.name: _NEW_LINE.get(one.name, "") for one in self.line_fields}
        empty = sum(not any(texts[name].strip() for name in _TELLING) for texts in self.lines)
        lines = [*self.lines, *[blank] * max(0, _EMPTY_LINES - empty)]
        rows = [
            [self._cell(one, number, texts) for one in self.line_fields] for number, texts in enumerate(lines)
        ]  # fmt: skip
        return element("div", Markup(html(table([one.label for one in self.line_fields], rows))), class_="regels")

    def _cell(self, one: Field, number: int, texts: Mapping[str, str]) -> Markup:
        name = f"{one.name}-{number}"
        return bare_input(one, name, texts[one.name], self.wrong_in_lines.get(name))


def new(request: Request) -> Reply:
    """Make an invoice by hand."""
    return _edited(request, None)


def edit(request: Request, invoice_id: int) -> Reply:
    """Edit all of an invoice."""
    with request.service.store.reading() as connection:
        before = invoices.one(connection, request.name, invoice_id)
    return _edited(request, before) if before else None


def _edited(request: Request, before: Mapping[str, Any] | None) -> Reply:
    """The form of a new invoice, or of one as it was; or what came of it."""
    editor = _Editor(request, before)
    if request.typed is None:
        return editor.page()
    wish = editor.wish()
    after = None if editor.is_wrong else _carried_out(request, editor.head, before, wish)
    if after is None:
        return editor.page()
    made = f"Factuur {after['Factuurnummer']} is gemaakt."
    return Done(request.address("facturen", after["id"]), invoice_deeds.changed(before, after) if before else made)


def _carried_out(
    request: Request, head: Form, before: Mapping[str, Any] | None, wish: dict[str, Any]
) -> dict[str, Any] | None:
    """The invoice as it is afterwards; None when it cannot be done, and the form says why."""
    with request.service.store.writing() as connection:
        try:
            if before is None:
                return by_hand.add(connection, request.administration, wish)
            now = invoices.one(connection, request.name, before["id"])
            if now is not None:
                return by_hand.change(connection, request.administration, now, wish)
            head.wrong[WHOLE_FORM] = "Deze factuur staat er niet meer."
        except WrongWish as why:
            invoice_deeds.refused(head, why)
    return None

"""The pages a person looks at (Dutch): what stands in the books, and what was said over the line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from sandbox import books, invoices, markup, pages_invoices
from sandbox.answer import HTML, Answer
from sandbox.books import Administration
from sandbox.markup import Markup, element, euro, link, moment, table
from sandbox.page_frame import MOST_ROWS, list_page
from sandbox.service import Service

_STYLE = (Path(__file__).parent / "static" / "sandbox.css").read_bytes()
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MOST_CALLS = 200


class Pages:
    """Answers every GET outside the SOAP address and the control API."""

    def __init__(self, service: Service) -> None:
        self._store = service.store
        self._log = service.log
        self._lists: dict[str, Callable[[Administration, str], bytes]] = {
            "facturen": lambda found, wanted: pages_invoices.overview(self._store, found, wanted),
            "relaties": self._relations,
            "artikelen": self._articles,
            "gesprekken": self._calls,
        }

    def answer(self, path: str, query: str) -> Answer:
        """The page at a path, or a page that says there is none."""
        if path == "/static/sandbox.css":
            return Answer(200, _STYLE, "text/css; charset=utf-8", {"Cache-Control": "max-age=60"})
        words = [word for word in path.split("/") if word]
        body = self._page_of_administration(words, query) if words else self._home()
        if body is None:
            text = element("p", "Deze pagina bestaat niet. ", link("/", "Naar de administraties"))
            return Answer(404, markup.page("Niet gevonden", text), HTML, _HEADERS)
        return Answer(200, body, HTML, _HEADERS)

    def _page_of_administration(self, words: list[str], query: str) -> bytes | None:
        with self._store.reading() as connection:
            found = books.administration(connection, words[0])
        kind = words[1] if len(words) > 1 else "facturen"
        if found is None or kind not in self._lists:
            return None
        if len(words) == 3 and kind == "facturen":
            return pages_invoices.detail(self._store, found, words[2])
        if len(words) > 2:
            return None
        return self._lists[kind](found, parse_qs(query).get("zoek", [""])[0].strip())

    def _home(self) -> bytes:
        with self._store.reading() as connection:
            rows = [
                (
                    link(f"/{quote(found.name)}/facturen", found.company),
                    found.place,
                    len(invoices.find(connection, found.name)),
                    books.count_relations(connection, found.name),
                )
                for found in books.administrations(connection)
            ]
        return markup.page(
            "Administraties",
            element("p", "Hier ziet u wat er in de oefen-boekhouding is aangekomen. Niets hiervan is echt."),
            table(("Administratie", "Plaats", "Facturen", "Relaties"), rows, numeric=(2, 3)),
        )

    def _relations(self, administration: Administration, wanted: str) -> bytes:
        with self._store.reading() as connection:
            count = books.count_relations(connection, administration.name, wanted)
            found = books.relations(connection, administration.name, keyword=wanted, limit=MOST_ROWS)
        rows = [
            (
                item["Code"],
                item["Bedrijf"],
                item["Contactpersoon"],
                f"{item['Adres']}, {item['Postcode']} {item['Plaats']}".strip(" ,"),
                item["Email"],
                item["Telefoon"],
            )
            for item in found
        ]
        content = table(("Code", "Naam", "Contactpersoon", "Adres", "E-mail", "Telefoon"), rows)
        return list_page(administration, "relaties", "Relaties", wanted, count, content)

    def _articles(self, administration: Administration, wanted: str) -> bytes:
        with self._store.reading() as connection:
            found = [
                item
                for item in books.articles(connection, administration.name)
                if wanted.lower() in f"{item['ArtikelCode']} {item['ArtikelOmschrijving']}".lower()
            ]
        rows = [
            (
                item["ArtikelCode"],
                item["ArtikelOmschrijving"],
                item["Eenheid"],
                euro(item["VerkoopprijsExclBTW"]),
                item["BTWCode"],
                item["TegenrekeningCode"],
            )
            for item in found[:MOST_ROWS]
        ]
        heads = ("Code", "Omschrijving", "Eenheid", "Prijs excl. btw", "Btw-code", "Rekening")
        content = table(heads, rows, numeric=(3,))
        return list_page(administration, "artikelen", "Artikelen", wanted, len(found), content)

    def _calls(self, administration: Administration, wanted: str) -> bytes:
        found = [
            call
            for call in reversed(self._log.of(administration.name, _MOST_CALLS))
            if wanted.lower() in call["operation"].lower()
        ]
        rows = [
            (
                moment(call["at"]),
                call["operation"],
                _outcome(call),
                _folded("Verstuurd", call["sent"]),
                _folded("Antwoord", call["answered"]),
            )
            for call in found
        ]
        heads = ("Tijd", "Operatie", "Uitkomst", "Verstuurd", "Antwoord")
        return list_page(administration, "gesprekken", "Gesprekken", wanted, len(found), table(heads, rows))


def _outcome(call: Mapping[str, Any]) -> Markup:
    """What came of a call: its error or "in orde", the mischief that was done, and what was let pass."""
    if call["code"] or not call["acted"]:
        result = element("strong", call["code"] or "niet uitgevoerd", class_="fout")
    else:
        result = element("span", "in orde")
    mischief = element("p", "streek: ", element("code", call["mischief"])) if call["mischief"] else ""
    return element("div", result, mischief, _remarks(call["tolerated"]), class_="uitkomst")


def _remarks(remarks: list[str]) -> Markup:
    """What a request had against the schema, opening on a click."""
    if not remarks:
        return Markup("")
    items = [element("li", remark) for remark in remarks]
    return element("details", element("summary", f"{len(remarks)} gedoogd"), element("ul", *items))


def _folded(title: str, value: object) -> Markup:
    """A value as JSON that opens on a click."""
    if value is None:
        return Markup("")
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return element("details", element("summary", title), element("pre", text))

"""The pages on which a person sees the articles, makes one, edits it, and deletes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import books
from sandbox.control_articles import change_article, change_articles, remove_article
from sandbox.markup import element, euro, link, table
from sandbox.pages.fields import Field, Form, filled, fold, form, typed_in
from sandbox.pages.frame import PER_PAGE, listed, page, skipped, wanted
from sandbox.pages.request import Done, Page, Reply, Request
from sandbox.vat import ALL_CODES

_PATH = ("Factureren", "Producten", "Overzicht")
_HEADS = ("Code", "Omschrijving", "Eenheid", "Prijs excl. btw", "Btw-code", "Rekening", "Actief")
_FIELDS = (
    Field("ArtikelCode", "Code", needed=True),
    Field("ArtikelOmschrijving", "Omschrijving", needed=True),
    Field("Eenheid", "Eenheid"),
    Field("VerkoopprijsExclBTW", "Verkoopprijs excl. btw", "amount", needed=True),
    Field("InkoopprijsExclBTW", "Inkoopprijs excl. btw", "amount"),
    Field("BTWCode", "Btw-code", "choice", choices=tuple((code, code) for code in ALL_CODES)),
    Field("TegenrekeningCode", "Rekening"),
    Field("GroepCode", "Groepscode"),
    Field("GroepOmschrijving", "Groep"),
    Field("Actief", "Actief", "tick"),
)
_NEW = {"BTWCode": "HOOG_VERK_21", "TegenrekeningCode": "8000", "Actief": True}


def overview(request: Request) -> Page:
    """The articles, by the order in which they came."""
    with request.service.store.reading() as connection:
        found = [
            item
            for item in books.articles(connection, request.name)
            if wanted(request).lower() in f"{item['ArtikelCode']} {item['ArtikelOmschrijving']}".lower()
        ]
    rows = [
        (
            link(request.address("artikelen", item["ArtikelID"]), item["ArtikelCode"]),
            item["ArtikelOmschrijving"],
            item["Eenheid"],
            euro(item["VerkoopprijsExclBTW"]),
            item["BTWCode"],
            item["TegenrekeningCode"],
            "ja" if item["Actief"] else "nee",
        )
        for item in found[skipped(request) : skipped(request) + PER_PAGE]
    ]
    make = element("p", link(request.address("artikelen", "nieuw"), "Nieuw artikel"))
    content = listed(request, len(found), table(_HEADS, rows, numeric=(3,)))
    return page(request, "artikelen", "Artikelen", make, content, path=_PATH)


def new(request: Request) -> Reply:
    """Make an article."""
    given = typed_in(_FIELDS, request.typed) if request.typed is not None else filled(_FIELDS, _NEW)
    if request.typed is not None:
        wish = _wish(given)
        if not given.wrong:
            with request.service.store.writing() as connection:
                if _by_code(books.articles(connection, request.name), wish["ArtikelCode"]):
                    given.wrong["ArtikelCode"] = "Er is al een artikel met deze code."
                else:
                    change_articles(connection, request.name, {"add": [wish]})
                    made = _by_code(books.articles(connection, request.name), wish["ArtikelCode"])
                    assert made is not None
                    return Done(request.address("artikelen", made["ArtikelID"]), f"Artikel {_called(made)} is gemaakt.")
    content = form(request.address("artikelen", "nieuw"), request.key, given.rows(), button="Bewaren")
    return page(request, "artikelen", "Nieuw artikel", content, path=_PATH, refused=bool(given.wrong))


def detail(request: Request, article_id: int) -> Reply:
    """One article in a form, and its end."""
    if request.typed is None:
        return _shown(request, article_id)
    given = typed_in(_FIELDS, request.typed)
    wish = _wish(given)
    with request.service.store.writing() as connection:
        found = books.articles(connection, request.name)
        item, there = _by_id(found, article_id), _by_code(found, wish.get("ArtikelCode", ""))
        if item is None:
            return None
        if there and there is not item:
            given.wrong["ArtikelCode"] = f"Deze code is van {there['ArtikelOmschrijving']}."
        if not given.wrong:
            changes = {key: value for key, value in wish.items() if value != item[key]}
            after = change_article(connection, request.name, item["ArtikelCode"], changes)
            return Done(request.address("artikelen", article_id), _changed(item, after))
    return _shown(request, article_id, given)


def remove(request: Request, article_id: int) -> Reply:
    """Delete an article; lines of invoices keep its code."""
    with request.service.store.writing() as connection:
        item = _by_id(books.articles(connection, request.name), article_id)
        if item is None:
            return None
        remove_article(connection, request.name, item["ArtikelCode"])
    return Done(request.address("artikelen"), f"Artikel {_called(item)} is verwijderd.")


def _wish(given: Form) -> dict[str, Any]:
    wish = given.read()
    return wish | {"InkoopprijsExclBTW": wish.get("InkoopprijsExclBTW") or "0"}


def _by_id(found: list[dict[str, Any]], article_id: int) -> dict[str, Any] | None:
    return next((item for item in found if item["ArtikelID"] == article_id), None)


def _by_code(found: list[dict[str, Any]], code: str) -> dict[str, Any] | None:
    return next((item for item in found if item["ArtikelCode"] == code), None)


def _shown(request: Request, article_id: int, tried: Form | None = None) -> Page | None:
    with request.service.store.reading() as connection:
        item = _by_id(books.articles(connection, request.name), article_id)
    if item is None:
        return None
    here = request.address("artikelen", article_id)
    given = tried or filled(_FIELDS, item)
    gone = element("p", "Regels van facturen houden zijn code.")
    return page(
        request,
        "artikelen",
        f"Artikel {_called(item)}",
        form(here, request.key, given.rows(), button="Bewaren"),
        fold("Verwijderen", form(f"{here}/verwijderen", request.key, gone, button="Artikel verwijderen", danger=True)),
        path=_PATH,
        refused=bool(given.wrong),
    )


def _called(item: Mapping[str, Any]) -> str:
    return f"{item['ArtikelCode']} {item['ArtikelOmschrijving']}".strip()


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    parts = [
        f"{one.label} {_text(one, before[one.name])} werd {_text(one, after[one.name])}"
        for one in _FIELDS
        if _text(one, before[one.name]) != _text(one, after[one.name])
    ]
    return f"Artikel {_called(after)}: {'; '.join(parts)}." if parts else "Er is niets veranderd."


def _text(one: Field, value: Any) -> str:
    if one.kind == "tick":
        return "ja" if value else "nee"
    return euro(value) if one.kind == "amount" else f"“{value}”"

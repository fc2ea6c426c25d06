"""The pages on which a person sees the relations, makes one, edits it, gives it another code, and deletes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from sandbox import books, invoices
from sandbox.control_relations import add_relation, change_relation, change_relations, remove_relation
from sandbox.markup import element, link, table
from sandbox.pages.fields import Field, Form, filled, fold, form, typed_in
from sandbox.pages.frame import PER_PAGE, listed, page, skipped, wanted
from sandbox.pages.request import Done, Page, Reply, Request

_PATH = ("Relaties", "Overzicht")
_HEADS = ("Code", "Naam", "Contactpersoon", "Adres", "E-mail", "Telefoon")
_FIELDS = (
    Field("Code", "Code", needed=True),
    Field("BP", "Soort", "choice", choices=(("B", "Bedrijf"), ("P", "Particulier"))),
    Field("Bedrijf", "Naam", needed=True),
    Field("Contactpersoon", "Contactpersoon"),
    Field("Adres", "Adres"),
    Field("Postcode", "Postcode"),
    Field("Plaats", "Plaats"),
    Field("Land", "Land"),
    Field("Email", "E-mail"),
    Field("Telefoon", "Telefoon"),
    Field("GSM", "Mobiel"),
    Field("BTWNummer", "Btw-nummer"),
    Field("KvkNummer", "KvK-nummer"),
    Field("IBAN", "IBAN"),
    Field("Notitie", "Notitie", "long"),
)
_SWAP = (Field("Ander", "Code van de andere relatie", needed=True),)


def overview(request: Request) -> Page:
    """The relations, by the order in which they came."""
    with request.service.store.reading() as connection:
        count = books.count_relations(connection, request.name, wanted(request))
        found = books.relations(
            connection, request.name, keyword=wanted(request), limit=PER_PAGE, skip=skipped(request)
        )
    rows = [
        (
            link(request.address("relaties", item["ID"]), item["Code"]),
            item["Bedrijf"],
            item["Contactpersoon"],
            f"{item['Adres']}, {item['Postcode']} {item['Plaats']}".strip(" ,"),
            item["Email"],
            item["Telefoon"],
        )
        for item in found
    ]
    make = element("p", link(request.address("relaties", "nieuw"), "Nieuwe relatie"))
    return page(request, "relaties", "Relaties", make, listed(request, count, table(_HEADS, rows)), path=_PATH)


def new(request: Request) -> Reply:
    """Make a relation."""
    given = typed_in(_FIELDS, request.typed) if request.typed is not None else filled(_FIELDS, {"BP": "B"})
    if request.typed is not None:
        wish = given.read()
        if not given.wrong:
            with request.service.store.writing() as connection:
                if books.relation_exists(connection, request.name, wish["Code"]):
                    given.wrong["Code"] = _in_use(books.relations(connection, request.name, code=wish["Code"]))
                else:
                    record = add_relation(connection, request.name, wish)
                    return Done(request.address("relaties", record["ID"]), f"Relatie {_called(record)} is gemaakt.")
    content = form(request.address("relaties", "nieuw"), request.key, given.rows(), button="Bewaren")
    return page(request, "relaties", "Nieuwe relatie", content, path=_PATH, refused=bool(given.wrong))


def detail(request: Request, relation_id: int) -> Reply:
    """One relation in a form, and what else can be done to it."""
    if request.typed is None:
        return _shown(request, relation_id)
    given = typed_in(_FIELDS, request.typed)
    wish = given.read()
    with request.service.store.writing() as connection:
        item = _one(connection, request, relation_id)
        if item is None:
            return None
        there = books.relations(connection, request.name, code=wish["Code"]) if "Code" in wish else []
        if there and there[0]["ID"] != relation_id:
            given.wrong["Code"] = _in_use(there) + " Wisselen kan hieronder."
        if not given.wrong:
            after = change_relation(connection, request.name, item["Code"], wish)
            return Done(request.address("relaties", relation_id), _changed(item, after))
    return _shown(request, relation_id, given)


def swap(request: Request, relation_id: int) -> Reply:
    """Give two relations each other's code; their invoices go along."""
    given = typed_in(_SWAP, request.typed or {})
    other = given.read().get("Ander")
    with request.service.store.writing() as connection:
        item = _one(connection, request, relation_id)
        if item is None:
            return None
        if other and (other == item["Code"] or not books.relation_exists(connection, request.name, other)):
            given.wrong["Ander"] = f"Er is geen andere relatie met de code {other}."
        if not given.wrong:
            change_relations(connection, request.name, {"recode": {item["Code"]: other, other: item["Code"]}})
            return Done(request.address("relaties", relation_id), f"De codes {item['Code']} en {other} zijn gewisseld.")
    return _shown(request, relation_id, swapping=given)


def remove(request: Request, relation_id: int) -> Reply:
    """Delete a relation; its invoices stay."""
    with request.service.store.writing() as connection:
        item = _one(connection, request, relation_id)
        if item is None:
            return None
        remove_relation(connection, request.name, item["Code"])
    return Done(request.address("relaties"), f"Relatie {_called(item)} is verwijderd.")


def _one(connection: sqlite3.Connection, request: Request, relation_id: int) -> dict[str, Any] | None:
    found = books.relations(connection, request.name, relation_id=relation_id) if relation_id else []
    return found[0] if found else None


def _shown(request: Request, relation_id: int, given: Form | None = None, swapping: Form | None = None) -> Page | None:
    here = request.address("relaties", relation_id)
    with request.service.store.reading() as connection:
        item = _one(connection, request, relation_id)
        if item is None:
            return None
        count = invoices.count(connection, request.name, relation_code=item["Code"])
    swap_form = form(f"{here}/wisselen", request.key, (swapping or Form(_SWAP, {})).rows(), button="Codes wisselen")
    gone = element("p", f"Op deze relatie staan {count} facturen. Die blijven staan, zonder relatie.")
    wrong = bool((given and given.wrong) or (swapping and swapping.wrong))
    return page(
        request,
        "relaties",
        f"Relatie {_called(item)}",
        form(here, request.key, (given or filled(_FIELDS, item)).rows(), button="Bewaren"),
        fold("Van code wisselen met een andere relatie", swap_form, opened=swapping is not None),
        fold("Verwijderen", form(f"{here}/verwijderen", request.key, gone, button="Relatie verwijderen", danger=True)),
        path=_PATH,
        refused=wrong,
    )


def _in_use(found: list[dict[str, Any]]) -> str:
    return f"Deze code is van {found[0]['Bedrijf'] or 'een relatie zonder naam'}."


def _called(item: Mapping[str, Any]) -> str:
    return f"{item['Code']} {item['Bedrijf']}".strip()


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    parts = [
        f"{one.label} “{before[one.name]}” werd “{after[one.name]}”"
        for one in _FIELDS
        if before[one.name] != after[one.name]
    ]
    return f"Relatie {_called(after)}: {'; '.join(parts)}." if parts else "Er is niets veranderd."

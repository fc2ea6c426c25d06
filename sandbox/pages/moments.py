"""The page of moments: remember how the books stand, and put them back to that."""

from __future__ import annotations

from sandbox import moments
from sandbox.markup import Markup, element, html, moment, table
from sandbox.pages.fields import WHOLE_FORM, Field, Form, form, typed_in
from sandbox.pages.frame import page
from sandbox.pages.request import Done, Page, Reply, Request
from sandbox.wishes import WrongWish

_FIELDS = (Field("Titel", "Naam van dit moment"),)
_HEADS = ("Moment", "Naam", "Facturen", "Mutaties", "Relaties", "Artikelen", "")
_TOLD = (
    "Zet de boekhouding terug naar een eerder moment, zoals wanneer e-Boekhouden.nl een oudere kopie terugzet: wat "
    "daarna kwam, is weg."
)


def overview(request: Request, tried: Form | None = None) -> Page:
    """Every moment that is remembered, the newest on top."""
    with request.service.store.reading() as connection:
        found = moments.moments(connection, request.name)
    rows = [
        (
            moment(one["at"]),
            one["title"],
            *(one[table_name] for table_name in ("invoice", "mutation", "relation", "article")),
            _deeds(request, one["id"]),
        )
        for one in reversed(found)
    ]
    take = form(
        request.address("momenten"), request.key, (tried or Form(_FIELDS, {})).rows(), button="Onthoud dit moment"
    )
    kept = (
        table(_HEADS, rows, numeric=(2, 3, 4, 5))
        if rows
        else element("p", "Er is geen moment onthouden.", class_="leeg")
    )
    return page(request, "momenten", "Momenten", element("p", _TOLD), take, kept, refused=tried is not None)


def take(request: Request) -> Reply:
    """Remember how the books stand now."""
    given = typed_in(_FIELDS, request.typed or {})
    try:
        with request.service.store.writing() as connection:
            kept = moments.take(connection, request.name, given.read()["Titel"])
    except WrongWish:
        given.wrong[WHOLE_FORM] = "Er zijn al zoveel momenten als er passen. Vergeet er eerst een."
        return overview(request, given)
    return Done(request.address("momenten"), f"Onthouden: {kept['invoice']} facturen, {kept['relation']} relaties.")


def go_back(request: Request, moment_id: int) -> Reply:
    """Put the books back to a moment."""
    try:
        with request.service.store.writing() as connection:
            kept = moments.go_back(connection, request.name, moment_id)
    except LookupError:
        return None
    told = f"De boekhouding staat weer zoals op {moment(kept['at'])}: {kept['invoice']} facturen."
    return Done(request.address("momenten"), told)


def forget(request: Request, moment_id: int) -> Reply:
    """Remember a moment no longer."""
    try:
        with request.service.store.writing() as connection:
            moments.forget(connection, request.name, moment_id)
    except LookupError:
        return None
    return Done(request.address("momenten"), "Het moment is vergeten.")


def _deeds(request: Request, moment_id: int) -> Markup:
    here = request.address("momenten", moment_id)
    back = form(f"{here}/terug", request.key, button="Terug hiernaartoe", danger=True)
    return element("div", Markup(html(back)), form(f"{here}/vergeten", request.key, button="Vergeet"), class_="knoppen")

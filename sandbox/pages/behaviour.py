"""The page on which a person says how the service answers: its switches, and what goes wrong on the way."""

from __future__ import annotations

from typing import Any

from sandbox import books
from sandbox.markup import Markup, element, table
from sandbox.mischief import KINDS
from sandbox.pages.fields import WHOLE_FORM, Field, Form, filled, form, typed_in
from sandbox.pages.frame import page
from sandbox.pages.request import Done, Page, Reply, Request
from sandbox.schema import OPERATIONS
from sandbox.switches import CHOICES
from sandbox.wishes import WrongWish

# what each switch decides (docs/sandbox.md tells it in English)
SWITCH_NAMES = {
    "error_msg": "ErrorMsg als alles goed ging",
    "empty_lists": "Een lijst zonder rijen",
    "relatiecode_typed": "xsi:type op de Relatiecode",
    "session_code": "Schrijfwijze van de E002-codes",
    "vat_per": "Btw afronden per",
    "used_number": "Een factuurnummer dat er al is",
    "long_email": "Een e-mailadres van 51 tot 150 tekens",
    "decimals": "Meer dan twee decimalen",
    "zero_term": "Betalingstermijn van 0 dagen",
    "negative_lines": "Een regel in de min",
    "list_order": "Volgorde van lijsten",
    "invoice_cap": "Hoogstens zoveel facturen in een lijst (0: geen grens)",
}
_SWITCHES = tuple(
    Field(name, SWITCH_NAMES[name], "choice", choices=tuple((str(one).lower(), str(one).lower()) for one in choices))
    for name, choices in CHOICES.items()
)
_DOING = (("", "zoals bij deze streek hoort"), ("before", "ja, ervoor"), ("after", "ja, erna"), ("never", "nee"))
_RULE = (
    Field("kind", "Streek", "choice", choices=tuple((kind, kind) for kind in KINDS)),
    Field("operation", "Bij", "choice", choices=(("*", "elke operatie"), *((name, name) for name in OPERATIONS))),
    Field("times", "Hoe vaak", "whole", needed=True),
    Field("skip", "Eerst zoveel overslaan", "whole", needed=True),
    Field("seconds", "Seconden", "whole", needed=True, help="Hoe lang een wachttijd duurt."),
    Field("act", "Wordt het werk gedaan?", "choice", choices=_DOING),
    Field("code", "Code", help="Van de weigering, bij refuse."),
)
_NEW_RULE = {"kind": "lost_answer", "operation": "AddFactuur", "times": 1, "skip": 0, "seconds": 1, "act": "",
             "code": "CFACT028"}  # fmt: skip
_HEADS = ("Streek", "Bij", "Nog", "Slaat over", "Seconden", "Werk gedaan", "Code")


def show(request: Request, switches: Form | None = None, rule: Form | None = None) -> Page:
    """How it answers now, and what will go wrong."""
    stand = {name: str(value).lower() for name, value in request.administration.switches.as_dict().items()}
    here = request.address("gedrag")
    turning = (switches or filled(_SWITCHES, stand)).rows()
    adding = (rule or filled(_RULE, _NEW_RULE)).rows()
    told = "Wat elke schakelaar en elke streek doet, staat in docs/sandbox.md."
    return page(
        request,
        "gedrag",
        "Gedrag",
        element("p", told),
        element("h2", "Streken"),
        _rules(request),
        form(f"{here}/streken", request.key, adding, button="Streek toevoegen"),
        element("h2", "Schakelaars"),
        form(f"{here}/schakelaars", request.key, turning, button="Schakelaars zetten"),
        refused=bool(switches or rule),
    )


def turn_switches(request: Request) -> Reply:
    """Say how it answers from now on."""
    given = typed_in(_SWITCHES, request.typed or {})
    wish = {name: _choice(name, text) for name, text in given.read().items()}
    if given.wrong:
        return show(request, switches=given)
    with request.service.store.writing() as connection:
        found = books.administration(connection, request.name)
        assert found is not None
        books.keep_switches(connection, request.name, found.switches.changed(wish))
    before = found.switches.as_dict()
    parts = [f"{SWITCH_NAMES[name]}: {str(value).lower()}" for name, value in wish.items() if value != before[name]]
    return Done(request.address("gedrag"), f"Gezet. {'; '.join(parts)}." if parts else "Er is niets veranderd.")


def add_mischief(request: Request) -> Reply:
    """Let something go wrong, besides what already will."""
    given = typed_in(_RULE, request.typed or {})
    wish = given.read()
    if not given.wrong:
        try:
            request.service.mischief.put(request.name, [*request.service.mischief.left(request.name), wish])
            return Done(request.address("gedrag"), f"De streek {wish['kind']} staat klaar.")
        except WrongWish:
            given.wrong[WHOLE_FORM] = (
                "Zo kan het niet: deze streek hoort bij een andere operatie, of een getal past niet (vaak minstens 1, "
                "seconden hoogstens 600)."
            )
    return show(request, rule=given)


def end_mischief(request: Request) -> Reply:
    """Nothing goes wrong any more."""
    request.service.mischief.clear(request.name)
    return Done(request.address("gedrag"), "Er gaat niets meer mis.")


def _choice(name: str, text: str) -> Any:
    return next(one for one in CHOICES[name] if str(one).lower() == text)


def _rules(request: Request) -> Markup:
    left = request.service.mischief.left(request.name)
    if not left:
        return element("p", "Er gaat niets mis.", class_="leeg")
    shown = ("kind", "operation", "times", "skip", "seconds", "act", "code")
    rows = [[rule[name] if name != "code" or rule["kind"] == "refuse" else "" for name in shown] for rule in left]
    end = form(request.address("gedrag", "rust"), request.key, button="Laat niets meer misgaan")
    return element("div", table(_HEADS, rows), end)

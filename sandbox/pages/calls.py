"""The page of calls: every call with what was sent and answered, secrets masked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.markup import Markup, element, moment, table
from sandbox.pages.frame import PER_PAGE, listed, page, skipped, wanted
from sandbox.pages.request import Page, Request

_MOST_CALLS = 200
_HEADS = ("Tijd", "Operatie", "Uitkomst", "Verstuurd", "Antwoord")


def overview(request: Request) -> Page:
    """The newest calls, the last one on top."""
    found = [
        call
        for call in reversed(request.service.log.of(request.name, _MOST_CALLS))
        if wanted(request).lower() in call["operation"].lower()
    ]
    shown = found[skipped(request) : skipped(request) + PER_PAGE]
    rows = [
        (
            moment(call["at"]),
            call["operation"],
            _outcome(call),
            _folded("Verstuurd", call["sent"]),
            _folded("Antwoord", call["answered"]),
        )
        for call in shown
    ]
    told = element("p", f"De laatste {_MOST_CALLS} gesprekken, ook bij het zoeken.")
    return page(request, "gesprekken", "Gesprekken", told, listed(request, len(found), table(_HEADS, rows)))


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

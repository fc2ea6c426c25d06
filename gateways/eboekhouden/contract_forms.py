"""The forms in which answers came, told from the answers themselves: what the sandbox has switches for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from lxml import etree

from gateways.eboekhouden.answers import child_text, own
from gateways.eboekhouden.cleaning import TooMany, parsed

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# the list of each operation: its element, its rows, and the type that describes a row
LISTS = {
    "GetAdministraties": ("Administraties", "cAdministratie"),
    "GetRelaties": ("Relaties", "cRelatie"),
    "GetArtikelen": ("Artikelen", "cArtikel"),
    "GetGrootboekrekeningen": ("Rekeningen", "cGrootboekrekening"),
    "GetKostenplaatsen": ("Kostenplaatsen", "cKostenplaats"),
    "GetFacturen": ("Facturen", "cFactuurList"),
}
Heard = Sequence[tuple[str, bytes]]


def results(heard: Heard) -> list[tuple[str, Any]]:
    """(operation, its result element) of every answer that has one."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    found: list[tuple[str, Any]] = []
    for operation, content in heard:
        with suppress(etree.XMLSyntaxError, TooMany):  # told already, where it was read
            answer, _marked = parsed(content, partial(etree.fromstring, parser=parser))
            found += [(operation, one) for one in answer.iter(own(f"{operation}Result"))]
    return found


def error_forms(heard: Heard) -> dict[str, Counter[str]]:
    """Per operation: how "no error" was said (absent, no_children, empty_children), and how often."""
    forms: dict[str, Counter[str]] = {}
    for operation, result in results(heard):
        # of an update the result is the error itself
        error = result if operation.startswith("Update") else result.find(own("ErrorMsg"))
        if error is None:
            form = "absent"
        elif child_text(error, "LastErrorCode"):
            continue
        else:
            form = "empty_children" if len(error) else "no_children"
        forms.setdefault(operation, Counter())[form] += 1
    return forms


def likeliest(operation: str) -> str:
    """How an operation most likely says "no error" (docs/e-boekhouden.md), which is what the sandbox does by itself."""
    return "empty_children" if operation in ("OpenSession", "OpenSessionSub") else "no_children"


def empty_list_forms(heard: Heard) -> Counter[str]:
    """How a list without rows came: present or absent."""
    forms: Counter[str] = Counter()
    for operation, result in results(heard):
        error = result.find(own("ErrorMsg"))
        if operation not in LISTS or (error is not None and child_text(error, "LastErrorCode")):
            continue
        there = result.find(own(LISTS[operation][0]))
        if there is None:
            forms["absent"] += 1
        elif not len(there):
            forms["present"] += 1
    return forms


def relation_code_forms(heard: Heard) -> Counter[bool]:
    """Whether the Relatiecode of a listed invoice said its type."""
    return Counter(
        _XSI_TYPE in code.attrib
        for operation, result in results(heard)
        if operation == "GetFacturen"
        for code in result.iter(own("Relatiecode"))
    )


def misfits(heard: Heard, fields_of: Callable[[str], tuple[set[str], set[str]]]) -> tuple[list[str], list[str]]:
    """(what rows lack that must be there, what they have that is not described), each as Type.Field.

    `fields_of` gives the required and all field names of a type.
    """
    lacking, new = set(), set()
    for operation, result in results(heard):
        row = LISTS.get(operation, ("", ""))[1]
        if not row:
            continue
        required, known = fields_of(row)
        for element in result.iter(own(row)):
            there = {child.tag.rpartition("}")[2] for child in element.iterchildren(tag="{*}*")}
            lacking |= {f"{row}.{name}" for name in required - there} if there else set()
            new |= {f"{row}.{name}" for name in there - known}
    return sorted(lacking), sorted(new)

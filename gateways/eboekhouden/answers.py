"""Answers as they come: proof of which operation answered, their error code and text, and the content.

zeep writes the requests, but answers are read here: zeep takes the answer of another operation for this
one's, cannot tell an absent result from an empty one, refuses an answer with one new element, and needs 4 s
and 90 MB for 20,000 relations.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from lxml import etree

from domain.message import Message, as_written
from domain.notes import note
from gateways.eboekhouden.cleaning import MARK, TooMany, parsed, without_marks

logger = logging.getLogger("crafter.bookkeeping")

NAMESPACE = "http://www.e-boekhouden.nl/soap"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_FAULT = f"{{{_ENVELOPE}}}Fault"
# what a record is known by, in the log
_KNOWN_BY = ("Factuurnummer", "Code", "ArtikelCode", "ID")


class Unreadable(Exception):
    """Not a whole answer of this operation, and why: a note, or their own words."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True)
class Result:
    """One operation's own result: their error code and text (empty: none) and the element itself."""

    code: str
    text: str
    element: Any

    def value(self, name: str) -> str:
        """The text of a child of the result; absent is empty."""
        return child_text(self.element, name)


@dataclass(frozen=True)
class Rows:
    """A list answer: their error code and text (empty: none) and per row each element's text by its name. `cleaned` are
    the places of the rows that held characters which XML forbids: spaces by now. `known` are the rows that the reader
    had before (`Known`), by what names them."""

    code: str
    text: str
    rows: tuple[dict[str, str], ...]
    cleaned: frozenset[int] = frozenset()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """Rows that the reader has: which element names a row, and whether it has the one of that name. Most rows of a
    search come back in many answers, and taking one apart is nearly all that reading it costs."""

    by: str
    has: Callable[[str], bool]


def own(name: str) -> str:
    """A name in their namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


def child_text(element: Any, name: str) -> str:
    """The text of a child element; absent is empty."""
    # stripped first: a number that begins or ends with a forbidden character is not the number without it
    return without_marks((element.findtext(own(name)) or "").strip())


def error_code(element: Any) -> str:
    """The code of an error; empty when there is none. Some answers say 0 for none."""
    code = child_text(element, "LastErrorCode")
    return "" if code == "0" else code


def children(element: Any) -> dict[str, str]:
    """Text per child element by its name."""
    return {name: without_marks(text) for name, text in _as_they_stand(element, _Names()).items()}


class _Names(dict[Any, str]):
    """The plain name of each tag, found out once an answer: a list of 2,000 has 80,000 of them. A comment, whose tag is
    no text, has none."""

    def __missing__(self, tag: Any) -> str:
        name = self[tag] = tag.rpartition("}")[2] if type(tag) is str else ""
        return name


def _as_they_stand(element: Any, names: _Names) -> dict[str, str]:
    found = {names[child.tag]: text.strip() if (text := child.text) else "" for child in element}
    found.pop("", None)
    return found


def read_result(content: bytes, operation: str) -> Result:
    """The result of `operation`. Raises Unreadable for half an answer, a soap:Fault, another operation's."""
    result = _response(content, operation).find(own(f"{operation}Result"))
    if result is None:
        raise Unreadable(note("call.of_another", operation=operation))
    error = result.find(own("ErrorMsg"))
    if error is None:
        return Result("", "", result)
    return Result(error_code(error), child_text(error, "LastErrorDescription"), result)


def read_done(content: bytes, operation: str) -> Result:
    """The answer of an operation whose result is nothing but the error itself, or absent. Raises Unreadable."""
    response = _response(content, operation)
    error = response.find(own(f"{operation}Result"))
    if error is None:
        return Result("", "", response)
    return Result(error_code(error), child_text(error, "LastErrorDescription"), response)


def _response(content: bytes, operation: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        envelope, marked = parsed(content, partial(etree.fromstring, parser=parser))
    except (etree.XMLSyntaxError, TooMany) as error:
        raise _no_xml(error) from None
    _refuse_doctype(envelope)
    body = f"{{{_ENVELOPE}}}Body"
    if envelope.tag != f"{{{_ENVELOPE}}}Envelope":
        raise Unreadable(note("call.no_soap"))
    fault = envelope.find(f"{body}/{_FAULT}")
    if fault is not None:
        raise Unreadable(_fault_text(fault))
    response = envelope.find(f"{body}/{own(operation + 'Response')}")
    if response is None:
        raise Unreadable(note("call.of_another", operation=operation))
    if marked:
        _tell(response, operation)
    return response


def _tell(response: Any, operation: str) -> None:
    """Which records hold marks, to the log."""
    for element in response.iter(tag=etree.Element):
        if MARK in (element.text or ""):
            record = element.getparent()
            known = next((text for name in _KNOWN_BY if (text := child_text(record, name))), "")
            field = element.tag.rpartition("}")[2]
            logger.warning("%s: a character that XML forbids in %s of %s", operation, field, known or "a record")


def _no_xml(error: Exception) -> Unreadable:
    return Unreadable(note("call.too_many" if isinstance(error, TooMany) else "call.bad_xml"))


def read_rows(content: bytes, operation: str, row: str, known: Known | None = None) -> Rows:
    """The `row` elements of a list answer, without keeping the tree; of those that are `known` only what names them.
    Raises Unreadable like read_result."""
    try:
        answer, marked = parsed(content, partial(_rows, operation=operation, row=row, known=known))
    except (etree.XMLSyntaxError, TooMany) as error:
        raise _no_xml(error) from None
    if not marked:
        return answer
    cleaned = frozenset(n for n, one in enumerate(answer.rows) if any(MARK in text for text in one.values()))
    rows = tuple({name: without_marks(text) for name, text in one.items()} for one in answer.rows)
    return Rows(answer.code, without_marks(answer.text), rows, cleaned, answer.known)


def _rows(content: bytes, operation: str, row: str, known: Known | None) -> Rows:
    rows: list[dict[str, str]] = []
    again: list[str] = []
    name_tag = own(known.by) if known else ""
    code = text = ""
    tags = [own(row), own("ErrorMsg"), own(f"{operation}Result"), _FAULT]
    proof, names = False, _Names()
    reading = etree.iterparse(BytesIO(content), tag=tags, resolve_entities=False, no_network=True, load_dtd=False)
    for _, element in reading:
        name = element.tag.rpartition("}")[2]
        if name == "Fault":
            raise Unreadable(_fault_text(element))
        if name == row:
            if known and known.has(called := (element.findtext(name_tag) or "").strip()):
                again.append(called)
            elif len(element):
                rows.append(_as_they_stand(element, names))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif name == "ErrorMsg":
            code, text = error_code(element), child_text(element, "LastErrorDescription")
        else:
            proof = True
    _refuse_doctype(reading.root)
    if not proof:
        raise Unreadable(note("call.of_another", operation=operation))
    return Rows(code, text, tuple(rows), known=tuple(again))


def _refuse_doctype(root: Any) -> None:
    if root.getroottree().docinfo.doctype:
        raise Unreadable(note("call.doctype"))


def _fault_text(fault: Any) -> Message:
    said = (fault.findtext("faultstring") or "")[:200]
    return as_written(f"{fault.findtext('faultcode') or 'soap:Fault'}: {without_marks(said)}")

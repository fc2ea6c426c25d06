"""From the bytes of a request to plain typed values; hostile XML ends here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from sandbox.errors import SoapFault
from sandbox.schema import ENUMERATIONS, NAMESPACE, OPERATIONS, TYPES, Field

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_UNREADABLE = "Server was unable to read request. ---> There is an error in XML document. ---> {why}"
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True)
class Call:
    """One readable request: the operation's name, its typed values and the SOAP version it came in."""

    operation: str
    values: dict[str, Any]
    version: str


def read_call(body: bytes, soap_action: str = "") -> Call:
    """Read an envelope. An absent element is absent from the values; an empty text is "".

    Raises SoapFault for anything that is no readable request for a known operation.
    """
    envelope = _parse(body)
    version = _version(envelope)
    element = _first_child_of_body(envelope, version)
    name = _operation_name(element, soap_action, version)
    try:
        values = _read_fields(element, OPERATIONS[name].request)
    except ValueError as why:
        raise SoapFault("Client", _UNREADABLE.format(why=why), version) from None
    return Call(name, values, version)


def _parse(body: bytes) -> etree._Element:
    # A DTD is the door of every XML bomb, so it is refused before a parser sees it. A NUL byte means
    # UTF-16 or UTF-32, in which the same word would hide.
    if b"\x00" in body or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SoapFault("Client", "DTD is prohibited in this XML document.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SoapFault("Client", _UNREADABLE.format(why="The XML is not well-formed.")) from None
    if root.getroottree().docinfo.doctype:
        raise SoapFault("Client", "DTD is prohibited in this XML document.")
    return root


def _version(envelope: etree._Element) -> str:
    if envelope.tag == f"{{{SOAP11}}}Envelope":
        return "1.1"
    if envelope.tag == f"{{{SOAP12}}}Envelope":
        return "1.2"
    raise SoapFault("VersionMismatch", "Possible SOAP version mismatch: the envelope is unknown.")


def _first_child_of_body(envelope: etree._Element, version: str) -> etree._Element:
    body = envelope.find(f"{{{SOAP11 if version == '1.1' else SOAP12}}}Body")
    children = [] if body is None else [child for child in body if isinstance(child.tag, str)]
    if not children:
        raise SoapFault("Client", "The SOAP body is missing or empty.", version)
    return children[0]


def _operation_name(element: etree._Element, soap_action: str, version: str) -> str:
    name = etree.QName(element)
    if name.namespace == NAMESPACE and name.localname in OPERATIONS:
        return str(name.localname)
    fallback = soap_action.strip().strip('"').removeprefix(f"{NAMESPACE}/")
    if fallback in OPERATIONS:
        return fallback
    raise SoapFault("Client", "Server did not recognize the value of HTTP Header SOAPAction.", version)


def _read_fields(element: etree._Element, fields: Iterable[Field]) -> dict[str, Any]:
    """The children of an element by name; their order is not looked at, unknown ones are passed over."""
    known = {field.name: field for field in fields}
    values: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        field = known.get(name.localname)
        if field is None or name.namespace != NAMESPACE:
            continue
        if child.get(_NIL) in ("true", "1"):
            continue
        value = _read_value(child, field)
        if field.many:
            values.setdefault(field.name, []).append(value)
        else:
            values[field.name] = value
    return values


def _read_value(element: etree._Element, field: Field) -> Any:
    if field.type in TYPES:
        return _read_fields(element, TYPES[field.type])
    text = element.text or ""
    if field.type in ("string", "any"):
        return text
    if field.type in ENUMERATIONS:
        if text not in ENUMERATIONS[field.type]:
            raise ValueError(f"Instance validation error: '{text[:40]}' is not a valid {field.type}.")
        return text
    return _READERS[field.type](text.strip())


def _long(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
        raise ValueError("Input string was not in a correct format.")
    return int(text)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise ValueError("Input string was not in a correct format.")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("Input string was not in a correct format.") from None
    if abs(value) > _LARGEST or (value != 0 and value.adjusted() < -30):
        raise ValueError("Value was either too large or too small.")
    return value


def _boolean(text: str) -> bool:
    if text not in ("0", "1", "true", "false"):
        raise ValueError(f"The string '{text[:40]}' is not a valid Boolean value.")
    return text in ("1", "true")


def _date_time(text: str) -> datetime:
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(f"The string '{text[:40]}' is not a valid AllXsd value.")
    return datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}")


_READERS = {
    "long": _long,
    "double": _number,
    "decimal": _number,
    "boolean": _boolean,
    "dateTime": _date_time,
}

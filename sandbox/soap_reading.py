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
from sandbox.safe_xml import Unsafe, parse
from sandbox.schema import ENUMERATIONS, NAMESPACE, OPERATIONS, TYPES, Field

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_UNREADABLE = "Server was unable to read request. ---> There is an error in XML document. ---> {why}"
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_LARGEST = Decimal(10) ** 12
_MOST_REMARKS = 30


@dataclass(frozen=True)
class Call:
    """One readable request: the operation's name, its typed values and the SOAP version it came in.

    `tolerated` says (in Dutch, for the page of calls) what was wrong with its form and was let pass.
    """

    operation: str
    values: dict[str, Any]
    version: str
    tolerated: tuple[str, ...] = ()


def read_call(body: bytes, soap_action: str = "") -> Call:
    """Read an envelope. An absent element is absent from the values; an empty text is "".

    Raises SoapFault for anything that is no readable request for a known operation.
    """
    try:
        envelope = parse(body)
    except Unsafe as why:
        raise SoapFault("Client", _UNREADABLE.format(why=why)) from None
    version = _version(envelope)
    element = _first_child_of_body(envelope, version)
    name = _operation_name(element, soap_action, version)
    remarks: dict[str, None] = {}
    if element.tag != f"{{{NAMESPACE}}}{name}":
        remarks[f"{etree.QName(element).localname}: alleen aan SOAPAction herkend als {name}"] = None
    try:
        values = _read_fields(element, OPERATIONS[name].request, name, remarks)
    except ValueError as why:
        raise SoapFault("Client", _UNREADABLE.format(why=why), version) from None
    return Call(name, values, version, tuple(remarks)[:_MOST_REMARKS])


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


def _read_fields(
    element: etree._Element, fields: Iterable[Field], where: str, remarks: dict[str, None]
) -> dict[str, Any]:
    """The children of an element by name, in whatever order; what the schema has against them is remarked.

    An unknown element is passed over, and of one that may occur once the first counts.
    """
    known = {field.name: (place, field) for place, field in enumerate(fields)}
    values: dict[str, Any] = {}
    seen: set[str] = set()
    last = 0
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        place, field = known.get(name.localname, (0, None))
        if field is None or name.namespace != NAMESPACE:
            remarks[f"{where}: {name.localname[:60]} is onbekend"] = None
            continue
        if field.name in seen and not field.many:
            remarks[f"{where}: {field.name} staat er twee keer"] = None
            continue
        if place < last:
            remarks[f"{where}: {field.name} staat niet op zijn plaats"] = None
        seen.add(field.name)
        last = max(last, place)
        if child.get(_NIL) in ("true", "1"):
            if not field.nillable:
                remarks[f"{where}: {field.name} mag niet nil zijn"] = None
            continue
        value = _read_value(child, field, f"{where}.{field.name}", remarks)
        if field.many:
            values.setdefault(field.name, []).append(value)
        else:
            values[field.name] = value
    for _, field in known.values():
        if field.required and field.name not in seen:
            remarks[f"{where}: {field.name} ontbreekt"] = None
    return values


def _read_value(element: etree._Element, field: Field, where: str, remarks: dict[str, None]) -> Any:
    if field.type in TYPES:
        return _read_fields(element, TYPES[field.type], where, remarks)
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

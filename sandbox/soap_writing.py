"""From plain values to the bytes of an answer, in the forms the switches ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape  # nosec B406  # writes, reads nothing

from sandbox.answer import XML, XML_SOAP12, Answer
from sandbox.errors import BusinessError, SoapFault
from sandbox.schema import NAMESPACE, OPERATIONS, TYPES, Field
from sandbox.soap_reading import SOAP11, SOAP12
from sandbox.switches import Switches

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_SCHEMA_PREFIXES = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DEFAULTS = {
    "long": "0",
    "double": "0",
    "decimal": "0",
    "boolean": "false",
    "dateTime": "0001-01-01T00:00:00",
}


def result_answer(operation: str, values: Mapping[str, Any] | None, switches: Switches, version: str = "1.1") -> Answer:
    """The answer of an operation that was carried out; `values` follow its result type."""
    return _wrapped(operation, values or {}, _SAYS_NOTHING[switches.error_form(operation)], switches, version)


def refusal_answer(operation: str, error: BusinessError, switches: Switches, version: str = "1.1") -> Answer:
    """The answer (HTTP 200) that carries a business error; other values take their defaults."""
    return _wrapped(operation, {}, _refusal(switches, error), switches, version)


def fault_answer(fault: SoapFault) -> Answer:
    """The answer (HTTP 500) that carries a soap:Fault."""
    if fault.version == "1.2":
        side = {"Client": "Sender", "Server": "Receiver"}.get(fault.side, fault.side)
        inner = (
            f"<soap:Fault><soap:Code><soap:Value>soap:{side}</soap:Value></soap:Code><soap:Reason>"
            f'<soap:Text xml:lang="en">{_text(fault.text)}</soap:Text></soap:Reason><soap:Detail />'
            "</soap:Fault>"
        )
    else:
        inner = (
            f"<soap:Fault><faultcode>soap:{fault.side}</faultcode>"
            f"<faultstring>{_text(fault.text)}</faultstring><detail /></soap:Fault>"
        )
    return _envelope(inner, fault.version, status=500)


def _envelope(inner: str, version: str, status: int = 200) -> Answer:
    namespace, content_type = (SOAP12, XML_SOAP12) if version == "1.2" else (SOAP11, XML)
    text = (
        f'{_HEAD}<soap:Envelope xmlns:soap="{namespace}" {_SCHEMA_PREFIXES}>'
        f"<soap:Body>{inner}</soap:Body></soap:Envelope>"
    )
    return Answer(status, text.encode(), content_type, {"Cache-Control": "private, max-age=0"})


def _wrapped(operation: str, values: Mapping[str, Any], error_message: str, switches: Switches, version: str) -> Answer:
    result_type = OPERATIONS[operation].result
    if result_type is None:
        inner = f'<{operation}Response xmlns="{NAMESPACE}" />'
    else:
        # cError itself is the result of the Update operations: no ErrorMsg around it
        content = (
            _children_of(error_message)
            if result_type == "cError"
            else error_message + _fields(TYPES[result_type][1:], values, switches)
        )
        inner = f'<{operation}Response xmlns="{NAMESPACE}" />'
        # where the result itself is the error message, an absent one is an absent result
        if result_type != "cError" or error_message:
            result = _element(f"{operation}Result", content)
            inner = f'<{operation}Response xmlns="{NAMESPACE}">{result}</{operation}Response>'
    return _envelope(inner, version)


_SAYS_NOTHING = {
    "absent": "",
    "no_children": "<ErrorMsg />",
    "empty_children": "<ErrorMsg><LastErrorCode /><LastErrorDescription /></ErrorMsg>",
}


def _refusal(switches: Switches, error: BusinessError) -> str:
    code = error.code
    if switches.session_code == "plain" and code.startswith("E002."):
        code = code.replace(".", "")
    return (
        f"<ErrorMsg><LastErrorCode>{_text(code)}</LastErrorCode>"
        f"<LastErrorDescription>{_text(error.text)}</LastErrorDescription></ErrorMsg>"
    )


def _children_of(error_message: str) -> str:
    return error_message.removeprefix("<ErrorMsg />").removeprefix("<ErrorMsg>").removesuffix("</ErrorMsg>")


def _fields(fields: Iterable[Field], values: Mapping[str, Any], switches: Switches) -> str:
    return "".join(_field(field, values.get(field.name), switches) for field in fields)


def _field(field: Field, value: Any, switches: Switches) -> str:
    name = field.name
    if value is None:
        return f"<{name}>{_DEFAULTS[field.type]}</{name}>" if field.required else ""
    if field.type in TYPES:
        if field.many:
            return "".join(_element(name, _fields(TYPES[field.type], item, switches)) for item in value)
        if field.type.startswith("ArrayOf"):
            item_field = TYPES[field.type][0]
            inner = _field(item_field, value, switches)
            return "" if not inner and switches.empty_lists == "absent" else _element(name, inner)
        return _element(name, _fields(TYPES[field.type], value, switches))
    if field.type == "any" and switches.relatiecode_typed:
        return f'<{name} xsi:type="xsd:string">{_text(str(value))}</{name}>'
    return _element(name, _simple(value))


def _element(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>" if inner else f"<{name} />"


def _simple(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, (date, datetime)):
        return f"{value:%Y-%m-%d}T00:00:00"
    return str(value)


def number_text(value: Decimal) -> str:
    """A number as their server writes it: no exponent and no zeros at the end (105, 22.05)."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def _text(value: str) -> str:
    if not value or value.isalnum():  # most of a long list; nothing to escape
        return value
    # as ASP.NET does: as a reference, though XML 1.0 forbids that too, and a strict reader stops there
    return _NOT_XML.sub(lambda found: f"&#x{ord(found[0]):X};", escape(value))

"""The WSDL, made from the one table of types."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from sandbox.schema import ENUMERATIONS, NAMESPACE, OPERATIONS, TYPES, Field, Operation

_W = "http://schemas.xmlsoap.org/wsdl/"
_S = "http://www.w3.org/2001/XMLSchema"
_SOAP11 = "http://schemas.xmlsoap.org/wsdl/soap/"
_SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
_HTTP_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
_PREFIXES = {"wsdl": _W, "s": _S, "soap": _SOAP11, "soap12": _SOAP12, "tns": NAMESPACE}
_PORT_TYPE = "soapAppSoap"
_BINDINGS = (("soapAppSoap", _SOAP11), ("soapAppSoap12", _SOAP12))


def wsdl_text(address: str) -> bytes:
    """The WSDL as UTF-8 bytes, with `address` as the place where both ports listen."""
    root = etree.Element(f"{{{_W}}}definitions", nsmap=_PREFIXES)
    root.set("targetNamespace", NAMESPACE)
    _add_types(_wsdl(root, "types"))
    for operation in OPERATIONS.values():
        _add_message(root, f"{operation.name}SoapIn", operation.name)
        _add_message(root, f"{operation.name}SoapOut", f"{operation.name}Response")
    _add_port_type(root)
    for name, soap in _BINDINGS:
        _add_binding(root, name, soap)
    _add_service(root, address)
    text: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return text


def _wsdl(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_W}}}{tag}", attributes)


def _xsd(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_S}}}{tag}", attributes)


def _type_name(name: str) -> str:
    return f"tns:{name}" if name in TYPES or name in ENUMERATIONS else f"s:{name}"


def _add_types(types: etree._Element) -> None:
    schema = _xsd(types, "schema", elementFormDefault="qualified", targetNamespace=NAMESPACE)
    for operation in OPERATIONS.values():
        _add_wrapper(schema, operation.name, operation.request)
        _add_wrapper(schema, f"{operation.name}Response", _response_fields(operation))
    for name, fields in TYPES.items():
        _add_sequence(_xsd(schema, "complexType", name=name), fields)
    for name, values in ENUMERATIONS.items():
        restriction = _xsd(_xsd(schema, "simpleType", name=name), "restriction", base="s:string")
        for value in values:
            _xsd(restriction, "enumeration", value=value)


def _response_fields(operation: Operation) -> tuple[Field, ...]:
    return (Field(f"{operation.name}Result", operation.result),) if operation.result else ()


def _add_wrapper(schema: etree._Element, name: str, fields: Iterable[Field]) -> None:
    _add_sequence(_xsd(_xsd(schema, "element", name=name), "complexType"), fields)


def _add_sequence(complex_type: etree._Element, fields: Iterable[Field]) -> None:
    fields = tuple(fields)
    if not fields:
        return
    sequence = _xsd(complex_type, "sequence")
    for field in fields:
        element = _xsd(
            sequence,
            "element",
            minOccurs="1" if field.required else "0",
            maxOccurs="unbounded" if field.many else "1",
            name=field.name,
        )
        if field.nillable:
            element.set("nillable", "true")
        if field.type != "any":
            element.set("type", _type_name(field.type))


def _add_message(root: etree._Element, name: str, element: str) -> None:
    _wsdl(_wsdl(root, "message", name=name), "part", name="parameters", element=f"tns:{element}")


def _add_port_type(root: etree._Element) -> None:
    port_type = _wsdl(root, "portType", name=_PORT_TYPE)
    for name in OPERATIONS:
        operation = _wsdl(port_type, "operation", name=name)
        _wsdl(operation, "input", message=f"tns:{name}SoapIn")
        _wsdl(operation, "output", message=f"tns:{name}SoapOut")


def _add_binding(root: etree._Element, name: str, soap: str) -> None:
    binding = _wsdl(root, "binding", name=name, type=f"tns:{_PORT_TYPE}")
    etree.SubElement(binding, f"{{{soap}}}binding", transport=_HTTP_TRANSPORT)
    for operation in OPERATIONS.values():
        element = _wsdl(binding, "operation", name=operation.name)
        etree.SubElement(element, f"{{{soap}}}operation", soapAction=operation.action, style="document")
        for direction in ("input", "output"):
            etree.SubElement(_wsdl(element, direction), f"{{{soap}}}body", use="literal")


def _add_service(root: etree._Element, address: str) -> None:
    service = _wsdl(root, "service", name="soapApp")
    for name, soap in _BINDINGS:
        port = _wsdl(service, "port", name=name, binding=f"tns:{name}")
        etree.SubElement(port, f"{{{soap}}}address", location=address)

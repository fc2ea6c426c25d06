"""`python -m sandbox.compare_wsdl <file>`: what differs between the sandbox's WSDL and another one, part by part.

Everything in a WSDL is taken apart into facts: a path and a value. Names are resolved to their namespace, so
prefixes do not matter; nor does the order in which types, messages or operations stand. The order of elements
inside a type does. Only the address of the service is passed over.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from sandbox.safe_xml import Unsafe, parse
from sandbox.wsdl import wsdl_text

_W = "{http://schemas.xmlsoap.org/wsdl/}"
_S = "{http://www.w3.org/2001/XMLSchema}"
_ADDRESSES = {"http://schemas.xmlsoap.org/wsdl/soap/": "soap11", "http://schemas.xmlsoap.org/wsdl/soap12/": "soap12"}
_SHORT = {_W[1:-1]: "wsdl", _S[1:-1]: "xsd", **_ADDRESSES}
# attributes whose value is a name with a prefix
_QNAMES = {"type", "base", "ref", "element", "message", "binding", "substitutionGroup", "itemType"}
_DEFAULTS = {(f"{_S}element", "minOccurs"): "1", (f"{_S}element", "maxOccurs"): "1"}
_PARTS = {
    "types": (f"{_W}types",),
    "messages": (f"{_W}message",),
    "port types": (f"{_W}portType",),
    "bindings": (f"{_W}binding",),
    "services": (f"{_W}service",),
}
# the order of what stands in these means something
_ORDERED = {f"{_S}sequence"}


def facts(wsdl: bytes) -> dict[str, dict[str, str]]:
    """The facts of a WSDL per part (types, messages, port types, bindings, services, other): path to value.

    Raises Unsafe when it is no well-formed, harmless XML.
    """
    root = parse(wsdl)
    if root.tag != f"{_W}definitions":
        raise Unsafe(f"this is no WSDL but a {etree.QName(root).localname}")
    parts: dict[str, dict[str, str]] = {part: {} for part in (*_PARTS, "other")}
    parts["other"]["targetNamespace"] = root.get("targetNamespace", "")
    for child in root:
        part = next((name for name, tags in _PARTS.items() if child.tag in tags), "other")
        if child.tag != f"{_W}documentation":
            for path, value in _facts_of(child, f"/{_step(child)}"):
                # two of the same name must not hide behind one another
                parts[part][f"{path} (again)" if path in parts[part] else path] = value
    return parts


def _facts_of(element: etree._Element, here: str) -> Iterator[tuple[str, str]]:
    """The facts of an element at a path and of all below it."""
    name = etree.QName(element)
    if name.namespace in _ADDRESSES and name.localname == "address":
        yield here, "(an address)"
        return
    yield here, "there"
    attributes = {key: default for (tag, key), default in _DEFAULTS.items() if tag == element.tag}
    attributes |= {key: _resolved(element, key, text) for key, text in element.attrib.items()}
    for key, text in attributes.items():
        yield f"{here} {key}", text
    if text := (element.text or "").strip():
        yield f"{here} text", text
    children = [child for child in element if child.tag != f"{_W}documentation"]
    if element.tag in _ORDERED:
        yield f"{here} order", " ".join(_step(child) for child in children)
    for child in children:
        yield from _facts_of(child, f"{here}/{_step(child)}")


def _step(element: etree._Element) -> str:
    """The name of an element in a path: its tag and what tells it from its brothers."""
    name = etree.QName(element)
    tag = f"{_SHORT.get(name.namespace, name.namespace)}:{name.localname}"
    own = element.get("name") or element.get("value") or ""
    return f"{tag} {own}".strip()


def _resolved(element: etree._Element, key: str, text: str) -> str:
    if key not in _QNAMES:
        return text
    prefix, colon, local = text.rpartition(":")
    return f"{{{element.nsmap.get(prefix if colon else None) or ''}}}{local}"


def differences(ours: bytes, theirs: bytes) -> dict[str, list[str]]:
    """Per part what only one of two WSDLs says, or what they say differently; all empty means no difference."""
    mine, other = facts(ours), facts(theirs)
    return {part: list(_differing(mine[part], other[part])) for part in mine}


def _differing(ours: dict[str, str], theirs: dict[str, str]) -> Iterator[str]:
    for path in sorted(ours.keys() | theirs.keys()):
        if ours.get(path) != theirs.get(path):
            yield f"{path}: ours {ours.get(path, '(not there)')}, theirs {theirs.get(path, '(not there)')}"


def main() -> int:
    """Print the differences; 0 when there are none, 1 when there are, 2 when the file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.compare_wsdl", description=__doc__)
    parser.add_argument("reference", type=Path, help="a WSDL of the real service")
    reference = parser.parse_args().reference
    try:
        theirs = reference.read_bytes()
        ours = wsdl_text("http://127.0.0.1/soap.asmx")
        found = differences(ours, theirs)
    except (OSError, Unsafe) as why:
        print(f"{reference}: {why}", file=sys.stderr)
        return 2
    counted = facts(ours)
    for part, lines in found.items():
        print(f"{part}: {len(counted[part])} facts, {len(lines)} differences")
        for line in lines:
            print(f"  {line}")
    total = sum(map(len, found.values()))
    print("no difference but the address" if total == 0 else f"{total} differences")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())

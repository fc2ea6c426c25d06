"""The WSDL against a type table of our own, and the comparer that holds it against a file of the real service."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from sandbox.compare_wsdl import differences
from sandbox.safe_xml import Unsafe
from sandbox.wsdl import wsdl_text
from tests.sandbox import raw
from tests.support.sandbox_process import Sandbox

_ROOT = Path(__file__).parents[2]
_TABLE = Path(__file__).with_name("type_table.txt")
_BUNDLED = _ROOT / "gateways" / "eboekhouden" / "eboekhouden.wsdl"
_OURS = wsdl_text("http://127.0.0.1/soap.asmx")
_NAMES = {
    "w": "http://schemas.xmlsoap.org/wsdl/",
    "s": "http://www.w3.org/2001/XMLSchema",
    "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "soap12": "http://schemas.xmlsoap.org/wsdl/soap12/",
}
_SPACE = "http://www.e-boekhouden.nl/soap"
Element = tuple[str, str, str, str, bool]


def _said() -> tuple[dict[str, list[Element]], dict[str, str], dict[str, list[str]]]:
    """The type table: elements per type or call, the result type of each call, and the words of each choice."""
    types: dict[str, list[Element]] = {}
    results: dict[str, str] = {}
    choices: dict[str, list[str]] = {}
    current: list[Element] = []
    for text in _TABLE.read_text().splitlines():
        words = text.split()
        if not words or text.startswith("#"):
            continue
        if not text.startswith(" "):
            if words[0] == "choice":
                words_of = choices.setdefault(words[1], [])
            else:
                current = types.setdefault(words[1], [])
            if words[0] == "call":
                results[words[1]] = words[3]
        elif len(words) == 1:
            words_of.append(words[0])
        else:
            most = {"many": "unbounded"}.get(words[4], words[4])
            current.append((words[0], words[1], words[2], most, words[5:] == ["may", "be", "nil"]))
    return types, results, choices


TYPES, RESULTS, CHOICES = _said()


def _elements(parent: etree._Element) -> list[Element]:
    """The elements in the sequence of a complex type, in the table's words."""
    return [
        (
            found.get("name"),
            (found.get("type") or ":anyType").partition(":")[2],
            found.get("minOccurs", "1"),
            found.get("maxOccurs", "1"),
            found.get("nillable") == "true",
        )
        for found in parent.findall("s:sequence/s:element", _NAMES)
    ]


@pytest.fixture(scope="module", params=["served", "bundled with the gateway"])
def wsdl(request: pytest.FixtureRequest, shared_sandbox: Sandbox) -> etree._Element:
    """The two WSDLs we have."""
    if request.param == "served":
        return etree.fromstring(raw.ask(shared_sandbox, "GET", "/soap.asmx?wsdl").text.encode())
    return etree.fromstring(_BUNDLED.read_bytes())


def test_every_type_has_the_elements_of_the_table_in_their_order(wsdl: etree._Element) -> None:
    found = {
        kind.get("name"): _elements(kind) for kind in wsdl.findall("w:types/s:schema/s:complexType[@name]", _NAMES)
    }
    assert found == {name: elements for name, elements in TYPES.items() if name not in RESULTS}
    assert len(found) == 51


def test_every_choice_has_the_words_of_the_table(wsdl: etree._Element) -> None:
    found = {
        kind.get("name"): [word.get("value") for word in kind.findall("s:restriction/s:enumeration", _NAMES)]
        for kind in wsdl.findall("w:types/s:schema/s:simpleType", _NAMES)
    }
    assert found == CHOICES


def test_every_call_has_a_request_and_an_answer_of_the_table(wsdl: etree._Element) -> None:
    found = {
        element.get("name"): _elements(element.find("s:complexType", _NAMES))
        for element in wsdl.findall("w:types/s:schema/s:element", _NAMES)
    }
    expected = {name: TYPES[name] for name in RESULTS}
    for name, result in RESULTS.items():
        expected[f"{name}Response"] = [] if result == "-" else [(f"{name}Result", result, "0", "1", False)]
    assert found == expected


def test_messages_and_the_port_type_tie_calls_to_elements(wsdl: etree._Element) -> None:
    messages = {
        message.get("name"): [(part.get("name"), part.get("element")) for part in message.findall("w:part", _NAMES)]
        for message in wsdl.findall("w:message", _NAMES)
    }
    expected = {f"{name}SoapIn": [("parameters", f"tns:{name}")] for name in RESULTS}
    expected |= {f"{name}SoapOut": [("parameters", f"tns:{name}Response")] for name in RESULTS}
    assert messages == expected
    port = wsdl.find("w:portType[@name='soapAppSoap']", _NAMES)
    assert [
        (call.get("name"), *(call.find(f"w:{side}", _NAMES).get("message") for side in ("input", "output")))
        for call in port
    ] == [(name, f"tns:{name}SoapIn", f"tns:{name}SoapOut") for name in RESULTS]


@pytest.mark.parametrize(("binding", "soap"), [("soapAppSoap", "soap"), ("soapAppSoap12", "soap12")])
def test_each_binding_gives_every_call_its_action_and_is_offered_at_a_port(
    wsdl: etree._Element, binding: str, soap: str
) -> None:
    found = wsdl.find(f"w:binding[@name='{binding}']", _NAMES)
    assert found.get("type") == "tns:soapAppSoap"
    assert found.find(f"{soap}:binding", _NAMES).get("transport") == "http://schemas.xmlsoap.org/soap/http"
    calls = {}
    for call in found.findall("w:operation", _NAMES):
        how = call.find(f"{soap}:operation", _NAMES)
        uses = [call.find(f"w:{side}/{soap}:body", _NAMES).get("use") for side in ("input", "output")]
        calls[call.get("name")] = (how.get("soapAction"), how.get("style"), *uses)
    assert calls == {name: (f"{_SPACE}/{name}", "document", "literal", "literal") for name in RESULTS}
    port = wsdl.find(f"w:service[@name='soapApp']/w:port[@name='{binding}']", _NAMES)
    assert port.get("binding") == f"tns:{binding}"
    assert port.find(f"{soap}:address", _NAMES).get("location").endswith("/soap.asmx")


def test_the_comparer_sees_no_difference_in_another_spelling() -> None:
    other = re.sub(rb'(</?|")s:', rb"\1zz:", _OURS).replace(b"xmlns:s=", b"xmlns:zz=")
    other = other.replace(b"http://127", b"https://99").replace(b' maxOccurs="1"', b"")
    first = other.index(b"<wsdl:message")
    second = other.index(b"<wsdl:message", first + 1)
    third = other.index(b"<wsdl:message", second + 1)
    other = other[:first] + other[second:third] + other[first:second] + other[third:]
    assert not any(differences(_OURS, other).values())
    assert other != _OURS


_SLIPS = {
    "another type": (b'name="Saldo" type="s:double"', b'name="Saldo" type="s:decimal"', "types"),
    "another order": (
        b'name="ErrorMsg" type="tns:cError"/>\n          <s:element minOccurs="1" maxOccurs="1" name="Rel_ID"',
        b'name="Rel_ID" type="tns:cError"/>\n          <s:element minOccurs="1" maxOccurs="1" name="ErrorMsg"',
        "types",
    ),
    "occurs less": (b'minOccurs="1" maxOccurs="1" name="Gb_ID"', b'minOccurs="0" maxOccurs="1" name="Gb_ID"', "types"),
    "occurs once": (b'maxOccurs="unbounded" name="cRelatie"', b'maxOccurs="1" name="cRelatie"', "types"),
    "not nillable": (b'name="cSaldo" nillable="true"', b'name="cSaldo"', "types"),
    "a new word": (
        b'<s:enumeration value="Memoriaal"/>',
        b'<s:enumeration value="Memoriaal"/><s:enumeration value="X"/>',
        "types",
    ),
    "another namespace": (b'targetNamespace="http://www.e', b'targetNamespace="https://www.e', "types"),
    "another message": (b'<wsdl:message name="GetSaldoSoapIn">', b'<wsdl:message name="GetSaldoIn">', "messages"),
    "another part": (b'element="tns:GetSaldo"', b'element="tns:GetSaldi"', "messages"),
    "an operation less": (b'<wsdl:operation name="GetSaldo">', b'<wsdl:operation name="GetSald">', "port types"),
    "another action": (b'soapAction="http://www.e-boekhouden.nl/soap/GetSaldo"', b'soapAction=""', "bindings"),
    "another style": (b'style="document"', b'style="rpc"', "bindings"),
    "no SOAP 1.2": (b"http://schemas.xmlsoap.org/wsdl/soap12/", b"http://schemas.xmlsoap.org/wsdl/soap99/", "bindings"),
    "another service": (b'<wsdl:service name="soapApp">', b'<wsdl:service name="soapApp2">', "services"),
    "something else": (b"<wsdl:service ", b'<wsdl:import namespace="urn:x"/><wsdl:service ', "other"),
}


@pytest.mark.parametrize("slip", _SLIPS)
def test_the_comparer_sees_every_slip_in_its_part(slip: str) -> None:
    right, wrong, part = _SLIPS[slip]
    assert right in _OURS, "the slip has to be one"
    assert differences(_OURS, _OURS.replace(right, wrong))[part] != []


def test_twice_the_same_operation_is_seen() -> None:
    start = _OURS.index(b'<wsdl:operation name="GetSaldo">')
    end = _OURS.index(b"</wsdl:operation>", start) + len(b"</wsdl:operation>")
    assert differences(_OURS, _OURS[:end] + _OURS[start:end] + _OURS[end:])["port types"] != []


def test_what_is_no_wsdl_is_refused() -> None:
    with pytest.raises(Unsafe, match="no WSDL"):
        differences(_OURS, b"<html/>")


def test_the_command_ends_with_0_1_or_2(tmp_path: Path) -> None:
    other = tmp_path / "other.wsdl"
    other.write_bytes(_OURS.replace(b'name="Rel_ID"', b'name="RelID"'))
    ended = {}
    for path in (_BUNDLED, other, tmp_path / "nothing"):
        command = [sys.executable, "-m", "sandbox.compare_wsdl", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=_ROOT, check=False, timeout=30)
        ended[path] = (done.returncode, done.stdout)
    assert [code for code, _ in ended.values()] == [0, 1, 2]
    assert "no difference but the address" in ended[_BUNDLED][1]
    assert "Rel_ID" in ended[other][1]

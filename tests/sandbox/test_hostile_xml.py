"""XML that wants to do harm: bombs, strangers' files, depth, size. It is refused fast, and nothing is done."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox import raw
from tests.sandbox.soap_client import SoapClient
from tests.support.sandbox_process import Sandbox
from tests.support.waiting import cpu_seconds

_LAUGHS = '<!DOCTYPE b [<!ENTITY e0 "ha">' + "".join(
    f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12)
)
_MEBIBYTE = 1024 * 1024


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """A server that hostile XML points at, and the paths that were asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def _refused(sandbox: Sandbox, body: bytes) -> str:
    """Post hostile bytes: refused with little work, not logged, and the sandbox lives on."""
    begin = cpu_seconds(sandbox.pid)
    answer = raw.post(sandbox, body)
    assert cpu_seconds(sandbox.pid) - begin < 2
    assert answer.status == 500
    assert "<faultcode>soap:Client</faultcode>" in answer.text
    assert len(answer.text) < 2000
    assert sandbox.calls("demo", "GetRelaties") == []
    return answer.text


def _body(soap: SoapClient, prolog: str = "", inside: str = "", word: str = "") -> bytes:
    filter_ = f"<cFilter><Trefwoord>{word}</Trefwoord><ID>0</ID></cFilter>{inside}"
    return raw.envelope(raw.element("GetRelaties", soap.session_id, soap.code2, filter_), prolog)


@pytest.mark.parametrize(
    ("prolog", "word"),
    [
        (_LAUGHS + "]>", "&e11;"),
        ('<!DOCTYPE b [<!ENTITY a "' + "a" * 100_000 + '">]>', "&a;" * 20_000),
        ('<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "&a;"),
        ('<!DOCTYPE b [<!ENTITY % a SYSTEM "{stranger}/a.dtd"> %a;]>', "x"),
        ('<!DOCTYPE b SYSTEM "{stranger}/b.dtd">', "x"),
        ('<!DOCTYPE b PUBLIC "-//x//y" "{stranger}/c.dtd">', "x"),
        ("<!DOCTYPE b [<!ATTLIST c d CDATA 'e'>]>", "x"),
        ("<!DOCTYPE b>", "x"),
    ],
    ids=[
        "billion laughs",
        "quadratic blow-up",
        "a file of the machine",
        "a parameter entity",
        "a DTD elsewhere",
        "a public DTD",
        "default attributes",
        "an empty DOCTYPE",
    ],
)
def test_a_document_type_is_refused_in_every_encoding(
    sandbox: Sandbox, soap: SoapClient, stranger: tuple[str, list[str]], prolog: str, word: str
) -> None:
    text = _body(soap, prolog.replace("{stranger}", stranger[0]), word=word).decode()
    _refused(sandbox, text.encode())
    for encoding in ("utf-16", "utf-16-be", "utf-32", "utf-7", "cp037"):
        _refused(sandbox, text.replace("utf-8", encoding).encode(encoding))
    assert stranger[1] == []


def test_an_entity_without_a_declaration_is_no_xml(sandbox: Sandbox, soap: SoapClient) -> None:
    assert "not well-formed" in _refused(sandbox, _body(soap, word="&nobody;"))


@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 40 + "</a>" * 40,
        "<a>" * 200_000 + "</a>" * 200_000,
        "<a>" * 200_000,
        "<a/>" * 50_000,
        f'<a b="{"x" * _MEBIBYTE}"/>',
        f'<a b{"x" * _MEBIBYTE}="1"/>',
        "<a " + " ".join(f'b{number}="1"' for number in range(5000)) + "/>",
        f"<a{'x' * 100_000}/>",
        "<a " + " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(30)) + ' b="1" b="2"/>',
    ],
    ids=[
        "somewhat deep",
        "very deep",
        "very deep and never closed",
        "too many elements",
        "a huge attribute",
        "a huge attribute name",
        "too many attributes",
        "a huge name",
        "an attribute twice",
    ],
)
def test_depth_number_and_size_have_limits(sandbox: Sandbox, soap: SoapClient, inside: str) -> None:
    _refused(sandbox, _body(soap, inside=inside))


def test_nothing_is_included_or_fetched(
    sandbox: Sandbox, soap: SoapClient, stranger: tuple[str, list[str]], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("1002")
    word = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="file://{secret}"/>'
    place = f'<?xml-stylesheet type="text/xsl" href="{stranger[0]}/style.xsl"?>'
    hint = f'<X xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="urn:x {stranger[0]}/x.xsd"/>'
    answer = raw.post(sandbox, _body(soap, place, hint, word))
    assert answer.status == 200
    assert answer.text.count("<cRelatie>") == len(sandbox.relations("demo")), "the keyword is empty, not 1002"
    assert stranger[1] == []


def test_what_is_large_but_harmless_is_taken(sandbox: Sandbox, soap: SoapClient) -> None:
    body = _body(soap, inside="<!-- " + "x" * 3 * _MEBIBYTE + " -->", word="proef")
    assert raw.post(sandbox, body).status == 200


def test_a_body_over_four_mebibytes_is_refused_unread(sandbox: Sandbox) -> None:
    headers = {"Content-Length": str(4 * _MEBIBYTE + 1)}
    assert raw.post(sandbox, b"", **headers).status == 413

"""The control API, the call log without secrets, and the pages a person looks at."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.sandbox import raw
from tests.sandbox.soap_client import SoapClient, line
from tests.support.sandbox_process import Sandbox

_SHOWN_AT = ("/control/demo/calls", "/demo/gesprekken", "/demo/facturen", "/")


def test_the_credentials_for_the_demo_are_at_hand(sandbox: Sandbox) -> None:
    entries = {entry["name"]: entry for entry in sandbox.administrations()}
    assert list(entries) == ["demo", "installatie", "bouw"]
    assert entries["demo"]["username"] == "demo"
    assert entries["demo"]["code1"] == "0123456789abcdef0123456789abcdef"
    assert entries["demo"]["code2"] == "0F0E0D0C-1111-4222-8333-444455556666"
    assert entries["installatie"]["company"] == "Installatiebedrijf De Schakel"
    assert entries["bouw"]["company"] == "Bouwbedrijf Van Dam en Zonen"


def test_the_log_tells_every_call_and_no_secret(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    link = soap.find()[0]["URLPDFBestand"]
    soap.call("GetAdministraties")
    soap.service.CloseSession(soap.session_id)
    calls = sandbox.calls("demo")
    assert [(call["operation"], call["acted"], call["code"]) for call in calls] == [
        ("OpenSession", True, None),
        ("AddFactuur", True, None),
        ("GetFacturen", True, None),
        ("GetAdministraties", True, None),
        ("CloseSession", True, None),
    ]
    assert calls[1]["sent"]["oFact"]["Factuurnummer"] == "WB2026-0001"
    secrets = [soap.session_id, soap.code2, soap.credentials["code1"], link.partition("&s=")[2]]
    for path in _SHOWN_AT:
        text = raw.ask(sandbox, "GET", path).text
        assert [secret for secret in secrets if secret in text] == [], path


def test_nothing_secret_is_written_beside_the_state(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    log = Path(sandbox.state_path.parent / "sandbox.log").read_text()
    assert log == ""


def test_an_invoice_can_be_looked_at_and_taken_away(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(Factuurnummer="WB/1 é")
    soap.add(Factuurnummer="WB2")
    kept = sandbox.invoices("demo")[0]
    assert (kept["Relatiecode"], kept["Datum"], kept["TotaalInclBTW"]) == ("1001", "2026-11-22", "127.05")
    assert (kept["Regels"][0]["Aantal"], kept["Regels"][0]["Bedrag"]) == ("2.5", "105.00")
    sandbox.remove_invoice("demo", "WB/1 é")
    assert [entry["Factuurnummer"] for entry in sandbox.invoices("demo")] == ["WB2"]
    assert raw.ask(sandbox, "DELETE", "/control/demo/invoices/WB9").status == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/control/demo/switches", b'{"vat_per": "month"}', 400),
        ("PUT", "/control/demo/switches", b'{"colour": "red"}', 400),
        ("PUT", "/control/demo/switches", b"{", 400),
        ("PUT", "/control/demo/relations", b'[{"Code": "A"}, {"Code": "A"}]', 400),
        ("PUT", "/control/demo/relations", b'[{"Code": "A", "ID": "x"}]', 400),
        ("PUT", "/control/demo/relations", b'[{"Code": "A", "AddDatum": "gisteren"}]', 400),
        ("PUT", "/control/demo/usage", b'{"calls": -1}', 400),
        ("PUT", "/control/demo/usage", b"5", 400),
        ("PUT", "/control/nobody/switches", b"{}", 404),
        ("POST", "/control/reset", b'{"administration": "nobody"}', 404),
        ("GET", "/control/demo/nothing", b"", 404),
    ],
)
def test_a_wrong_wish_is_refused_with_a_reason(
    sandbox: Sandbox, method: str, path: str, body: bytes, status: int
) -> None:
    answer = raw.ask(sandbox, method, path, body)
    assert answer.status == status
    assert json.loads(answer.text)["error"]


def test_a_page_elsewhere_cannot_reach_in(sandbox: Sandbox) -> None:
    assert raw.ask(sandbox, "GET", "/control/administrations", Host="evil.example").status == 403
    assert raw.ask(sandbox, "POST", "/control/reset", b"", Origin="http://evil.example").status == 403


def test_the_overview_fills_up_and_opens_an_invoice(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(lines=[line(Omschrijving="<script>alert(1)</script>")])
    overview = raw.ask(sandbox, "GET", "/demo/facturen").text
    assert "Factureren › Facturen › Overzicht" in overview
    for text in ("WB2026-0001", "1001 Familie Voorbeeld", "22-11-2026", "14 dagen", "105,00", "127,05"):
        assert text in overview
    path = re.findall(r'href="(/demo/facturen/\d+)"', overview)[0]
    detail = raw.ask(sandbox, "GET", path).text
    assert "Factuur WB2026-0001" in detail
    assert "HOOG_VERK_21" in detail
    assert "42,00" in detail
    assert "&lt;script&gt;" in detail
    assert "<script" not in detail


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "Installatiebedrijf De Schakel"),
        ("/installatie/relaties", "Woningstichting Waterveen"),
        ("/installatie/relaties?zoek=de+kaai", "1 gevonden"),
        ("/bouw/artikelen", "STUC-WON"),
        ("/bouw/gesprekken", "Hier staat niets."),
        ("/bouw/gesprekken?zoek=x", "De laatste 200 gesprekken, ook bij het zoeken."),
        ("/bouw", "Factureren › Facturen › Overzicht"),
    ],
)
def test_every_page_says_that_it_is_not_the_real_service(sandbox: Sandbox, path: str, text: str) -> None:
    answer = raw.ask(sandbox, "GET", path)
    assert answer.status == 200
    assert "Oefen-boekhouding: geen echte e-Boekhouden.nl" in answer.text
    assert text in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert " style=" not in answer.text


def test_the_page_of_calls_tells_what_came_of_each(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(Relatiecode="")
    sandbox.mischief("demo", [{"kind": "html_503"}])
    raw.post(sandbox, raw.envelope(raw.element("GetArtikelen", soap.session_id, soap.code2)))
    page = raw.ask(sandbox, "GET", "/demo/gesprekken").text
    for text in (">CFACT024</strong>", ">niet uitgevoerd</strong>", "streek: <code>html_503</code>", ">in orde</span>"):
        assert page.count(text) == 1, text


@pytest.mark.parametrize("path", ["/nobody", "/demo/x", "/demo/facturen/9", "/demo/facturen/x", "/demo/relaties/1"])
def test_an_unknown_page_is_a_404(sandbox: Sandbox, path: str) -> None:
    answer = raw.ask(sandbox, "GET", path)
    assert answer.status == 404
    assert "Deze pagina bestaat niet" in answer.text

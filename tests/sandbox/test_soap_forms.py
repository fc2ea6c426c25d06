"""The forms of requests and answers: SOAP versions, faults, hostile XML, switches."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from tests.sandbox import raw
from tests.sandbox.soap_client import SoapClient, code_of, invoice
from tests.support.sandbox_process import Sandbox


def test_the_wsdl_names_the_host_it_was_asked_at(sandbox: Sandbox) -> None:
    for query in ("wsdl", "WSDL"):
        answer = raw.ask(sandbox, "GET", f"/soap.asmx?{query}", Host="boek.example:81")
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert answer.text.count('location="http://boek.example:81/soap.asmx"') == 2


def test_the_copy_of_the_wsdl_in_the_gateway_says_the_same(sandbox: Sandbox) -> None:
    bundled = Path(__file__).parents[2] / "gateways" / "eboekhouden" / "eboekhouden.wsdl"
    served = raw.ask(sandbox, "GET", "/soap.asmx?wsdl").text
    address = f"http://127.0.0.1:{sandbox.port}/soap.asmx"
    assert bundled.read_text() == served.replace(address, "https://soap.e-boekhouden.nl/soap.asmx")


def test_both_soap_versions_are_answered_in_their_own(soap: SoapClient, sandbox: Sandbox) -> None:
    inner = raw.element("GetAdministraties", soap.session_id, soap.code2)
    old = raw.post(sandbox, raw.envelope(inner))
    new = raw.post(sandbox, raw.envelope(inner, namespace=raw.SOAP12))
    assert (old.status, old.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert (new.status, new.headers["Content-Type"]) == (200, "application/soap+xml; charset=utf-8")
    assert raw.SOAP11 in old.text
    assert raw.SOAP12 in new.text
    assert "<Bedrijf>Demobedrijf" in old.text
    assert "<Bedrijf>Demobedrijf" in new.text
    assert [call["soap"] for call in sandbox.calls("demo", "GetAdministraties")] == ["1.1", "1.2"]


def test_many_requests_go_over_one_connection(sandbox: Sandbox, soap: SoapClient) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    body = raw.envelope(raw.element("GetAdministraties", soap.session_id, soap.code2))
    connection.request("POST", "/soap.asmx", body)
    connection.getresponse().read()
    used = connection.sock
    connection.request("POST", "/soap.asmx", body)
    assert connection.getresponse().status == 200
    assert used is not None
    assert connection.sock is used
    connection.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"<a/>", raw.envelope(""), raw.envelope("<x/>"), raw.envelope("<x>")],
    ids=["nothing", "no XML", "no envelope", "empty body", "unknown operation", "not well-formed"],
)
def test_what_is_no_request_gets_a_fault(sandbox: Sandbox, body: bytes) -> None:
    answer = raw.post(sandbox, body)
    assert answer.status == 500
    assert "soap:Fault" in answer.text


def test_a_body_over_four_mebibytes_is_refused(sandbox: Sandbox) -> None:
    headers = {"Content-Length": str(4 * 1024 * 1024 + 1)}
    assert raw.post(sandbox, b"", **headers).status == 413


@pytest.mark.parametrize(
    "payload",
    [
        "<cFilter><ID>many</ID></cFilter>",
        "<cFilter><ID></ID></cFilter>",
        "<cFilter><ID>1.5</ID></cFilter>",
        "<cFilter><ID>99999999999999999999</ID></cFilter>",
    ],
)
def test_what_is_no_number_gets_a_client_fault(sandbox: Sandbox, soap: SoapClient, payload: str) -> None:
    body = raw.envelope(raw.element("GetRelaties", soap.session_id, soap.code2, payload))
    answer = raw.post(sandbox, body)
    assert answer.status == 500
    assert "soap:Client" in answer.text
    assert "unable to read request" in answer.text


@pytest.mark.parametrize(
    "wrong",
    ["<Datum>today</Datum>", "<Datum>2026-02-30</Datum>", "<PerEmailVerzenden>ja</PerEmailVerzenden>"],
)
def test_what_is_no_date_or_boolean_gets_a_client_fault(sandbox: Sandbox, soap: SoapClient, wrong: str) -> None:
    payload = f"<oFact><Relatiecode>1001</Relatiecode>{wrong}</oFact>"
    answer = raw.post(sandbox, raw.envelope(raw.element("AddFactuur", soap.session_id, soap.code2, payload)))
    assert answer.status == 500
    assert "soap:Client" in answer.text
    assert sandbox.invoices("demo") == []


def test_an_absent_payment_term_is_missing_but_zero_days_is_a_term(sandbox: Sandbox, soap: SoapClient) -> None:
    head = "<oFact><Relatiecode>1001</Relatiecode><Datum>2026-11-22</Datum>{}</oFact>"
    answers = [
        raw.post(
            sandbox,
            raw.envelope(raw.element("AddFactuur", soap.session_id, soap.code2, head.format(term))),
        ).text
        for term in ("", "<Betalingstermijn>0</Betalingstermijn>")
    ]
    assert "CFACT014" in answers[0]
    assert "CFACT027" in answers[1]


@pytest.mark.parametrize("typed", [True, False])
def test_the_relation_code_of_an_invoice_comes_with_or_without_a_type(
    sandbox: Sandbox, soap: SoapClient, typed: bool
) -> None:
    sandbox.switches("demo", relatiecode_typed=typed)
    soap.add()
    body = raw.envelope(raw.element("GetFacturen", soap.session_id, soap.code2))
    assert ('<Relatiecode xsi:type="xsd:string">1001' in raw.post(sandbox, body).text) is typed
    assert soap.find()[0]["Relatiecode"] == "1001"


def test_text_with_every_awkward_character_comes_back_as_it_went(soap: SoapClient) -> None:
    text = "Één <b> & \"twee\" 'drie' ]]> €\nregel 2"
    relation = {"ID": 0, "AddDatum": invoice()["Datum"], "Code": "X1", "Bedrijf": text}
    numbers = {"Gb_ID": 0, "GeenEmail": 0, "NieuwsbriefgroepenCount": 0}
    assert code_of(soap.call("AddRelatie", relation | numbers)) is None
    found = soap.call("GetRelaties", {"Code": "X1", "ID": 0})["Relaties"]["cRelatie"]
    assert [entry["Bedrijf"] for entry in found] == [text]

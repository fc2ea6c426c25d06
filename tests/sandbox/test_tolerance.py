"""Requests that the schema has something against: answered as a tolerant server would, and remarked in the log."""

from __future__ import annotations

import pytest

from tests.sandbox import raw
from tests.sandbox.sample_calls import sample
from tests.sandbox.soap_client import SoapClient
from tests.support.sandbox_process import Sandbox

_HIT = "<cRelatie>"
_CASES = {
    "another order": (
        "<cFilter><ID>0</ID><Code>1002</Code><Trefwoord /></cFilter>",
        [
            "GetRelaties.cFilter: Code staat niet op zijn plaats",
            "GetRelaties.cFilter: Trefwoord staat niet op zijn plaats",
        ],
    ),
    "a required one missing": ("<cFilter><Code>1002</Code></cFilter>", ["GetRelaties.cFilter: ID ontbreekt"]),
    "an unknown one": (
        "<New>1</New><cFilter><Code>1002</Code><Old><ID>7</ID></Old><ID>0</ID></cFilter>",
        ["GetRelaties: New is onbekend", "GetRelaties.cFilter: Old is onbekend"],
    ),
    "one in no namespace": (
        '<cFilter><Code>1002</Code><ID xmlns="">7</ID><ID>0</ID></cFilter>',
        ["GetRelaties.cFilter: ID is onbekend"],
    ),
    "one twice, of which the first counts": (
        "<cFilter><Code>1002</Code><Code>9999</Code><ID>0</ID></cFilter>",
        ["GetRelaties.cFilter: Code staat er twee keer"],
    ),
    "nil where it may not be": (
        '<cFilter xmlns:x="http://www.w3.org/2001/XMLSchema-instance"><Code>1002</Code><ID x:nil="true" /></cFilter>',
        ["GetRelaties.cFilter: ID mag niet nil zijn"],
    ),
    "nothing": ("<cFilter><Trefwoord /><Code>1002</Code><ID>0</ID></cFilter>", []),
}


@pytest.mark.parametrize("version", [raw.SOAP11, raw.SOAP12], ids=["SOAP 1.1", "SOAP 1.2"])
@pytest.mark.parametrize("case", _CASES)
def test_a_wrong_form_is_answered_and_remarked(sandbox: Sandbox, soap: SoapClient, case: str, version: str) -> None:
    payload, remarks = _CASES[case]
    body = raw.envelope(raw.element("GetRelaties", soap.session_id, soap.code2, payload), namespace=version)
    assert raw.post(sandbox, body).text.count(_HIT) == 1
    assert sandbox.calls("demo", "GetRelaties")[0]["tolerated"] == remarks


def test_an_invoice_in_another_order_with_holes_is_kept_as_it_was_meant(sandbox: Sandbox, soap: SoapClient) -> None:
    payload = (
        "<oFact><Regels><cFactuurRegel><TegenrekeningCode>8000</TegenrekeningCode><BTWCode>HOOG_VERK_21</BTWCode>"
        "<Omschrijving>Werk</Omschrijving><Code>A</Code><PrijsPerEenheid>42</PrijsPerEenheid><Aantal>2</Aantal>"
        "</cFactuurRegel></Regels><Betalingstermijn>14</Betalingstermijn><Datum>2026-11-22</Datum>"
        "<Factuursjabloon>Factuursjabloon</Factuursjabloon><Relatiecode>1001</Relatiecode></oFact>"
    )
    answer = raw.post(sandbox, raw.envelope(raw.element("AddFactuur", soap.session_id, soap.code2, payload)))
    assert "<Factuurnummer>F00001</Factuurnummer>" in answer.text
    assert sandbox.invoices("demo")[0]["TotaalExclBTW"] == "84.00"
    remarks = sandbox.calls("demo", "AddFactuur")[0]["tolerated"]
    assert "AddFactuur.oFact: PerEmailVerzenden ontbreekt" in remarks
    assert "AddFactuur.oFact.Regels.cFactuurRegel: KostenplaatsID ontbreekt" in remarks
    assert "AddFactuur.oFact: Datum staat niet op zijn plaats" in remarks
    assert raw.ask(sandbox, "GET", "/demo/gesprekken").text.count("KostenplaatsID ontbreekt") == 1


def test_a_request_of_another_name_is_known_by_its_action(sandbox: Sandbox, soap: SoapClient) -> None:
    body = raw.envelope(sample(soap, "GetArtikelen").replace("GetArtikelen", "Articles"))
    action = "http://www.e-boekhouden.nl/soap/GetArtikelen"
    old = raw.post(sandbox, body, SOAPAction=f'"{action}"')
    new = raw.post(
        sandbox,
        body.replace(raw.SOAP11.encode(), raw.SOAP12.encode()),
        **{"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'},
    )
    assert [answer.text.count("<cArtikel>") for answer in (old, new)] == [6, 6]
    assert sandbox.calls("demo", "GetArtikelen")[0]["tolerated"] == [
        "Articles: alleen aan SOAPAction herkend als GetArtikelen"
    ]


def test_hundred_lines_with_the_same_fault_are_remarked_once(sandbox: Sandbox, soap: SoapClient) -> None:
    payload = f"<oFact><Regels>{'<cFactuurRegel><X /></cFactuurRegel>' * 100}</Regels></oFact>"
    raw.post(sandbox, raw.envelope(raw.element("AddFactuur", soap.session_id, soap.code2, payload)))
    remarks = sandbox.calls("demo", "AddFactuur")[0]["tolerated"]
    assert remarks.count("AddFactuur.oFact.Regels.cFactuurRegel: X is onbekend") == 1
    assert len(remarks) <= 30

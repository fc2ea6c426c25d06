"""All twenty operations in both SOAP versions: answered by the schema, in every uncertain form."""

from __future__ import annotations

from functools import cache

import pytest
from lxml import etree

from sandbox.schema import OPERATIONS as IN_THE_SCHEMA
from sandbox.wsdl import wsdl_text
from tests.sandbox import raw
from tests.sandbox.sample_calls import LISTS, OPERATIONS, sample
from tests.sandbox.soap_client import SoapClient
from tests.support.sandbox_process import Sandbox

_NAMESPACE = "{http://www.e-boekhouden.nl/soap}"
_ERROR_FORMS = ("absent", "no_children", "empty_children")


@cache
def _schema() -> etree.XMLSchema:
    wsdl = etree.fromstring(wsdl_text("http://127.0.0.1/"))
    schema = etree.tostring(wsdl.find(".//{http://www.w3.org/2001/XMLSchema}schema"))
    return etree.XMLSchema(etree.fromstring(schema))


def _content(envelope: str) -> etree._Element:
    """What stands in the body of an envelope, after a look whether the schema agrees with it."""
    body = etree.fromstring(envelope.encode())[-1]
    assert len(body) == 1
    _schema().assertValid(etree.fromstring(etree.tostring(body[0])))
    return body[0]


def _errors(content: etree._Element) -> list[str]:
    return [code.text or "" for code in content.iter(f"{_NAMESPACE}LastErrorCode")]


def test_there_are_twenty_and_each_has_a_sample() -> None:
    assert len(OPERATIONS) == 20
    assert set(OPERATIONS) == set(IN_THE_SCHEMA)


@pytest.mark.parametrize("version", [raw.SOAP11, raw.SOAP12], ids=["SOAP 1.1", "SOAP 1.2"])
def test_every_operation_is_answered_by_the_schema(sandbox: Sandbox, soap: SoapClient, version: str) -> None:
    media = {raw.SOAP11: "text/xml", raw.SOAP12: "application/soap+xml"}[version]
    for operation in OPERATIONS:
        request = sample(soap, operation)
        _schema().assertValid(etree.fromstring(request))
        action = f"http://www.e-boekhouden.nl/soap/{operation}"
        media_type = f'{media}; charset=utf-8; action="{action}"'
        answer = raw.post(sandbox, raw.envelope(request, namespace=version), **{"Content-Type": media_type})
        assert (answer.status, answer.headers["Content-Type"]) == (200, f"{media}; charset=utf-8"), operation
        content = _content(answer.text)
        assert content.tag == f"{_NAMESPACE}{operation}Response"
        assert content.getparent().tag == f"{{{version}}}Body"
        assert set(_errors(content)) <= {""}, operation
    assert [call["tolerated"] for call in sandbox.calls("demo") if call["tolerated"]] == []


@pytest.mark.parametrize("form", _ERROR_FORMS)
def test_the_empty_error_message_has_its_form_in_every_answer(sandbox: Sandbox, soap: SoapClient, form: str) -> None:
    sandbox.switches("demo", error_msg=form)
    children = "<LastErrorCode /><LastErrorDescription />" if form == "empty_children" else ""
    for operation in OPERATIONS:
        text = raw.post(sandbox, raw.envelope(sample(soap, operation))).text
        result = text.partition(f'<{operation}Response xmlns="http://www.e-boekhouden.nl/soap"')[2]
        if operation == "CloseSession":
            expected = " />"
        elif operation.startswith("Update"):
            name = f"{operation}Result"
            filled = f"><{name}>{children}</{name}>"
            expected = {"absent": " />", "no_children": f"><{name} />"}.get(form, filled)
        else:
            error = {"absent": "", "no_children": "<ErrorMsg />"}.get(form, f"<ErrorMsg>{children}</ErrorMsg>")
            expected = f"><{operation}Result>{error}<"
        assert result.startswith(expected), operation
        assert ("ErrorMsg" in result) is ("ErrorMsg" in expected), operation
        _content(text)


@pytest.mark.parametrize("form", ["present", "absent"])
def test_an_empty_list_is_there_or_not_in_every_list(sandbox: Sandbox, soap: SoapClient, form: str) -> None:
    sandbox.switches("demo", empty_lists=form)
    for operation, (name, payload) in LISTS.items():
        text = raw.post(sandbox, raw.envelope(raw.element(operation, soap.session_id, soap.code2, payload))).text
        assert (f"<{name} />" in text) is (form == "present"), operation
        assert f"<{name}>" not in text, operation
        _content(text)


@pytest.mark.parametrize(("form", "code"), [("dotted", "E002.3"), ("plain", "E0023")])
def test_an_expired_session_is_said_in_its_form_by_every_operation(
    sandbox: Sandbox, soap: SoapClient, form: str, code: str
) -> None:
    sandbox.switches("demo", session_code=form)
    sandbox.mischief("demo", [{"kind": "expired_session"}])
    without = {"OpenSession", "OpenSessionSub", "CloseSession"}
    for operation in OPERATIONS:
        content = _content(raw.post(sandbox, raw.envelope(sample(soap, operation))).text)
        assert _errors(content) == ([code] if operation not in without else [""] * (operation != "CloseSession")), (
            operation
        )


def test_what_the_samples_put_in_the_books_is_found_again(sandbox: Sandbox, soap: SoapClient) -> None:
    for operation in ("AddFactuur", "AddMutatie", "AddRelatie", "AddGrootboekrekening", "UpdateGrootboekrekening"):
        raw.post(sandbox, raw.envelope(sample(soap, operation)))
    found = {
        operation: raw.post(sandbox, raw.envelope(sample(soap, operation))).text
        for operation in ("GetFacturen", "GetMutaties", "GetRelaties", "GetGrootboekrekeningen", "GetOpenPosten")
    }
    assert "<Factuurnummer>N1</Factuurnummer><Relatiecode xsi" in found["GetFacturen"]
    assert "<Soort>FactuurVerstuurd</Soort>" in found["GetMutaties"]
    assert "<Code>N1</Code>" in found["GetRelaties"]
    assert "<Code>9001</Code>" in found["GetGrootboekrekeningen"]
    assert "<Code>0101</Code>" in found["GetGrootboekrekeningen"]
    assert "<MutFactuur>N1</MutFactuur>" in found["GetOpenPosten"]

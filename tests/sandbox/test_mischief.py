"""Every kind of mischief: what the caller sees, and what stands in the books afterwards."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
import requests
import zeep.exceptions

from sandbox.mischief import KINDS
from tests.sandbox import raw
from tests.sandbox.sample_calls import OPERATIONS, sample
from tests.sandbox.soap_client import SoapClient, code_of
from tests.support.sandbox_process import Sandbox
from tests.support.waiting import until

# kinds that answer, though something else than the caller hoped for
_FINE = (
    "expired_session",
    "other_totals",
    "refuse",
    "password_changed",
    "number_taken",
    "limit_reached",
    "slow",
    "drip",
)


def _count(sandbox: Sandbox) -> int:
    return len(sandbox.invoices("demo"))


def _seconds_until_acted(sandbox: Sandbox) -> float:
    """How long after its arrival the AddFactuur was carried out; waits for it."""
    until(lambda: sandbox.calls("demo", "AddFactuur")[0]["acted"])
    call = sandbox.calls("demo", "AddFactuur")[0]
    return (datetime.fromisoformat(call["acted_at"]) - datetime.fromisoformat(call["at"])).total_seconds()


def _set(sandbox: Sandbox, **rule: Any) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", **rule}])


@pytest.mark.parametrize("act", ["before", "after"])
def test_slow_keeps_the_caller_waiting_and_acts_before_or_after(sandbox: Sandbox, act: str) -> None:
    client = SoapClient(sandbox)
    client.log_in()
    client.wait_at_most(1)
    _set(sandbox, kind="slow", seconds=3, act=act)
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.add()
    assert (_seconds_until_acted(sandbox) >= 3) is (act == "after")
    assert _count(sandbox) == 1


def test_a_lost_answer_leaves_the_invoice_in_the_books(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="lost_answer")
    with pytest.raises(requests.exceptions.ConnectionError, match="without response"):
        soap.add()
    assert _count(sandbox) == 1
    assert code_of(soap.add()) == "CFACT026"


def test_a_reset_before_the_act_leaves_nothing(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="reset_before")
    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        soap.add()
    assert _count(sandbox) == 0
    assert code_of(soap.add()) is None


def test_a_reset_after_the_act_leaves_the_invoice_in_the_books(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="reset_after")
    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        soap.add()
    assert _count(sandbox) == 1


def test_a_reset_during_the_act_does_not_stop_it(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="reset_during", seconds=0.3)
    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        soap.add()
    assert _count(sandbox) == 0
    assert _seconds_until_acted(sandbox) >= 0.3
    assert _count(sandbox) == 1


@pytest.mark.parametrize(("kind", "heard"), [("half_answer", "IncompleteRead"), ("reset_mid", "reset by peer")])
def test_half_an_answer_breaks_off_quietly_or_with_a_reset(
    sandbox: Sandbox, soap: SoapClient, kind: str, heard: str
) -> None:
    _set(sandbox, kind=kind)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=heard):
        soap.add()
    assert _count(sandbox) == 1


def test_a_number_can_be_taken_by_somebody_else_just_before(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="number_taken")
    assert code_of(soap.add()) == "CFACT026"
    found = soap.find(Factuurnummer="WB2026-0001")
    assert [(entry["Relatiecode"], entry["TotaalExclBTW"]) for entry in found] == [("1002", 12.34)]
    assert code_of(soap.add(Factuurnummer="WB2026-0002")) is None


def test_the_limit_of_calls_can_be_reached_and_nothing_is_made(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="limit_reached")
    assert code_of(soap.add()) == "E003.1"
    assert _count(sandbox) == 0
    assert code_of(soap.add()) is None


def test_a_number_taken_by_somebody_else_is_used_twice_where_that_is_let_through(
    sandbox: Sandbox, soap: SoapClient
) -> None:
    sandbox.switches("demo", used_number="let_through")
    _set(sandbox, kind="number_taken")
    assert code_of(soap.add()) is None
    assert [entry["TotaalExclBTW"] for entry in soap.find()] == [12.34, 105.0]


def test_a_late_act_arrives_after_the_caller_gave_up(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="late_act", seconds=0.4)
    with pytest.raises(requests.exceptions.ConnectionError, match="without response"):
        soap.add()
    assert _seconds_until_acted(sandbox) >= 0.4
    assert _count(sandbox) == 1


def test_a_late_act_comes_when_the_tester_says_so(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="late_act", seconds=600)
    with pytest.raises(requests.exceptions.ConnectionError, match="without response"):
        soap.add()
    assert _count(sandbox) == 0
    sandbox.act_now()
    _seconds_until_acted(sandbox)
    assert _count(sandbox) == 1


def test_dripping_bytes_never_hit_a_time_out_between_two_of_them(sandbox: Sandbox) -> None:
    client = SoapClient(sandbox)
    client.log_in()
    client.wait_at_most(1.5)
    _set(sandbox, kind="drip", seconds=2)
    begin = time.monotonic()
    assert code_of(client.add()) is None
    assert time.monotonic() - begin > 1.6
    assert _count(sandbox) == 1


def test_an_empty_answer_says_nothing_of_the_invoice(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="empty_200")
    with pytest.raises(zeep.exceptions.TransportError, match="invalid XML"):
        soap.add()
    assert _count(sandbox) == 1


def test_a_server_fault_comes_with_500(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="http_500_fault")
    with pytest.raises(zeep.exceptions.Fault) as caught:
        soap.add()
    assert caught.value.code == "soap:Server"
    assert _count(sandbox) == 0


def test_a_busy_page_is_html_with_503(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="html_503")
    body = raw.envelope(raw.element("AddFactuur", soap.session_id, soap.code2))
    answer = raw.post(sandbox, body)
    assert answer.status == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert _count(sandbox) == 0


def test_truncated_xml_is_no_answer(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="truncated_xml")
    with pytest.raises(zeep.exceptions.TransportError, match="invalid XML"):
        soap.add()
    assert _count(sandbox) == 1


def test_a_wrong_content_type_hides_a_right_answer(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.mischief("demo", [{"kind": "wrong_content_type"}])
    answer = raw.post(sandbox, raw.envelope(raw.element("GetAdministraties", soap.session_id, soap.code2)))
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<Bedrijf>Demobedrijf" in answer.text


def test_who_follows_a_redirect_sends_the_invoice_again(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="redirect")
    body = raw.envelope(raw.element("AddFactuur", soap.session_id, soap.code2))
    answer = raw.post(sandbox, body)
    assert answer.status == 307
    assert answer.headers["Location"].startswith("/soap.asmx")
    assert _count(sandbox) == 0
    assert raw.ask(sandbox, "POST", answer.headers["Location"], body).status == 200


def test_other_totals_are_a_cent_off(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    sandbox.mischief("demo", [{"kind": "other_totals"}])
    assert soap.find()[0]["TotaalExclBTW"] == 105.01
    assert soap.find()[0]["TotaalExclBTW"] == 105.0


def test_any_refusal_can_be_asked_for(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="refuse", code="CFACT999", text="Dat kan niet.")
    message = soap.add()["ErrorMsg"]
    assert (message["LastErrorCode"], message["LastErrorDescription"]) == ("CFACT999", "Dat kan niet.")
    assert _count(sandbox) == 0


def test_a_rule_waits_for_its_turn_and_its_operation(sandbox: Sandbox, soap: SoapClient) -> None:
    _set(sandbox, kind="refuse", code="E003.1", skip=1, times=2)
    assert code_of(soap.call("GetArtikelen", {})) is None
    codes = [code_of(soap.add(Factuurnummer=f"N{count}")) for count in range(4)]
    assert codes == [None, "E003.1", "E003.1", None]
    assert sandbox.mischief_left("demo") == []


def test_mischief_stays_within_its_administration(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.mischief("bouw", [{"kind": "html_503", "times": 9}])
    assert code_of(soap.add()) is None
    sandbox.reset("bouw")
    assert sandbox.mischief_left("bouw") == []
    assert _count(sandbox) == 1


def test_every_kind_hits_every_operation_it_concerns_at_its_turn(sandbox: Sandbox, soap: SoapClient) -> None:
    for number, operation in enumerate(OPERATIONS, start=10):
        body = raw.envelope(sample(soap, operation, number))
        sandbox.mischief("demo", [{"kind": "html_503", "operation": operation, "skip": 1}])
        statuses = [raw.post(sandbox, body).status for _ in range(3)]
        assert statuses == [200, 503, 200], operation
        assert [call["mischief"] for call in sandbox.calls("demo", operation)][-3:] == [None, "html_503", None]


@pytest.mark.parametrize("kind", [kind for kind, act in KINDS.items() if act == "before" and kind not in _FINE])
def test_whoever_does_not_get_the_answer_was_served_all_the_same(sandbox: Sandbox, soap: SoapClient, kind: str) -> None:
    sandbox.mischief("demo", [{"kind": kind, "operation": "AddRelatie", "seconds": 0.1}])
    body = raw.envelope(sample(soap, "AddRelatie"))
    with suppress(OSError, http.client.HTTPException):
        answer = raw.post(sandbox, body)
        assert "Rel_ID" not in answer.text or answer.headers["Content-Type"].startswith("text/html")
    call = sandbox.calls("demo", "AddRelatie")[0]
    assert (call["mischief"], call["acted"], call["code"]) == (kind, True, None)
    assert "CREL001" in raw.post(sandbox, body).text


@pytest.mark.parametrize("kind", ["lost_answer", "half_answer", "drip", "truncated_xml", "empty_200", "slow"])
def test_any_kind_can_be_told_not_to_act(sandbox: Sandbox, soap: SoapClient, kind: str) -> None:
    _set(sandbox, kind=kind, act="never", seconds=0.1)
    with pytest.raises((requests.exceptions.RequestException, zeep.exceptions.Error)):
        soap.add()
    assert _count(sandbox) == 0
    assert sandbox.calls("demo", "AddFactuur")[0]["acted"] is False


@pytest.mark.parametrize(
    "rules",
    [
        {"kind": "slow"},
        [{"kind": "nonsense"}],
        [{"kind": "slow", "speed": 3}],
        [{"times": 1}],
        [{"kind": "slow", "operation": "AddFacturen"}],
        [{"kind": "other_totals", "operation": "AddFactuur"}],
        [{"kind": "slow", "seconds": 601}],
        [{"kind": "slow", "act": "perhaps"}],
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(sandbox: Sandbox, rules: Any) -> None:
    answer = raw.ask(sandbox, "PUT", "/control/demo/mischief", json.dumps(rules).encode())
    assert answer.status == 400
    assert sandbox.mischief_left("demo") == []

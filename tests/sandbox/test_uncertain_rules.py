"""Rules of theirs that no source settles: each can be turned, and does what it says."""

from __future__ import annotations

import pytest

from sandbox.schema import OPERATIONS
from tests.sandbox import raw
from tests.sandbox.sample_calls import sample
from tests.sandbox.soap_client import SoapClient, code_of
from tests.support.sandbox_process import Sandbox

_EMPTY = "<ErrorMsg><LastErrorCode /><LastErrorDescription /></ErrorMsg>"


def test_by_itself_it_says_that_nothing_is_wrong_as_the_service_most_likely_does(
    sandbox: Sandbox, soap: SoapClient
) -> None:
    for operation in sorted(OPERATIONS, key=lambda name: name == "CloseSession"):
        text = raw.post(sandbox, raw.envelope(sample(soap, operation))).text
        if operation in ("OpenSession", "OpenSessionSub"):
            assert _EMPTY in text, operation
        elif operation.startswith("Update"):
            assert f"<{operation}Result />" in text
        elif operation != "CloseSession":
            assert "<ErrorMsg />" in text, operation


def test_one_operation_may_say_it_in_another_form(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.switches("demo", error_msg_of={"GetRelaties": "absent", "GetArtikelen": "empty_children"})
    said = {name: raw.post(sandbox, raw.envelope(sample(soap, name))).text for name in ("GetRelaties", "GetArtikelen")}
    assert "ErrorMsg" not in said["GetRelaties"]
    assert _EMPTY in said["GetArtikelen"]
    for wrong in ({"GetNiets": "absent"}, {"GetRelaties": "half"}, "absent"):
        with pytest.raises(OSError, match="400"):
            sandbox.switches("demo", error_msg_of=wrong)


def test_past_the_days_calls_everything_is_refused_until_tomorrow(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.control("PUT", "demo/usage", {"today": 9999})
    assert code_of(soap.call("GetArtikelen", {})) is None
    assert code_of(soap.call("GetArtikelen", {})) == "E003.3"
    assert code_of(soap.add()) == "E003.3"
    assert sandbox.control("GET", "demo/usage")["today"] == 10_002
    sandbox.control("PUT", "bouw/usage", {"today": 7})
    sandbox.control("POST", "reset", {"administration": "demo"})
    assert [sandbox.control("GET", f"{name}/usage")["today"] for name in ("demo", "bouw")] == [0, 7]
    soap.log_in()
    assert code_of(soap.add()) is None


def test_lists_may_come_in_any_order(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.relations("demo", {"generate": 100})

    def codes() -> list[str]:
        return [row["Code"] for row in soap.call("GetRelaties", {"ID": 0})["Relaties"]["cRelatie"]]

    kept = codes()
    assert codes() == kept
    sandbox.switches("demo", list_order="shuffled")
    shuffled = codes()
    assert shuffled != kept
    assert sorted(shuffled) == sorted(kept)


def test_a_term_of_nought_days_is_a_term_or_none(sandbox: Sandbox, soap: SoapClient) -> None:
    assert code_of(soap.add(Betalingstermijn=0)) is None
    sandbox.switches("demo", zero_term="refuse")
    assert code_of(soap.add(Betalingstermijn=0)) == "CFACT014"
    assert code_of(soap.add(Betalingstermijn=1, Factuurnummer="WB2")) is None

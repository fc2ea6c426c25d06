"""Getting in, staying in, and not getting in."""

from __future__ import annotations

import re

import pytest

from tests.sandbox.soap_client import SoapClient, code_of
from tests.support.sandbox_process import Sandbox, running_sandbox

_STRANGE_SESSION = "{00000000-0000-4000-8000-000000000000}"


def test_right_credentials_open_a_session_of_their_own_administration(soap: SoapClient) -> None:
    assert re.fullmatch(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", soap.session_id)
    entries = soap.call("GetAdministraties")["Administraties"]["cAdministratie"]
    assert [(entry["Bedrijf"], entry["Guid"]) for entry in entries] == [
        (soap.credentials["company"], soap.code2)
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "nobody"}, "E001.1"),
        ({"code1": "f" * 32}, "E001.1"),
        ({"username": "demo-zonder-administratie"}, "E001.2"),
        ({"code2": "00000000-1111-4222-8333-444455556666"}, "E001.3"),
        ({"username": "demo-zonder-rechten"}, "E001.5"),
    ],
)
def test_wrong_credentials_are_told_apart(sandbox: Sandbox, change: dict[str, str], code: str) -> None:
    client = SoapClient(sandbox)
    answer = client.open(client.credentials | change)
    assert (code_of(answer), answer["SessionID"]) == (code, None)


def test_the_codes_of_a_neighbour_do_not_open_an_administration(sandbox: Sandbox) -> None:
    client = SoapClient(sandbox)
    neighbour = sandbox.credentials("bouw")
    assert code_of(client.open(client.credentials | {"code2": neighbour["code2"]})) == "E001.3"


@pytest.mark.parametrize(
    ("session_id", "code2", "code"),
    [
        ("", None, "E002.1"),
        ("rubbish", None, "E002.1"),
        (None, "", "E002.1"),
        (_STRANGE_SESSION, None, "E002.2"),
        (None, "5A1E77B0-2C4D-4E6F-9A8B-0C1D2E3F4A5B", "E002.1"),
    ],
)
def test_a_call_without_a_sound_session_is_refused(
    soap: SoapClient, session_id: str | None, code2: str | None, code: str
) -> None:
    soap.session_id = soap.session_id if session_id is None else session_id
    soap.code2 = soap.code2 if code2 is None else code2
    assert code_of(soap.call("GetArtikelen", {})) == code


def test_a_closed_session_is_over(soap: SoapClient) -> None:
    assert soap.service.CloseSession(soap.session_id) is None
    assert code_of(soap.call("GetArtikelen", {})) == "E002.4"


def test_an_idle_session_expires(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("idle")
    with running_sandbox(folder, "--session-minutes", "0") as sandbox:
        client = SoapClient(sandbox)
        client.log_in()
        assert code_of(client.call("GetArtikelen", {})) == "E002.3"


def test_an_expired_session_can_be_asked_for_in_the_form_without_a_dot(
    sandbox: Sandbox, soap: SoapClient
) -> None:
    sandbox.switches("demo", session_code="plain")
    sandbox.mischief("demo", [{"kind": "expired_session", "operation": "GetArtikelen"}])
    assert code_of(soap.call("GetArtikelen", {})) == "E0023"


def test_after_an_expired_session_a_new_one_works(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.mischief("demo", [{"kind": "expired_session", "operation": "AddFactuur"}])
    assert code_of(soap.add()) == "E002.3"
    assert code_of(soap.add()) == "E002.3", "the session itself is over, not just one call"
    soap.log_in()
    assert code_of(soap.add()) is None
    assert len(sandbox.invoices("demo")) == 1


def test_a_changed_password_shuts_out_until_the_mischief_ends(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.mischief("demo", [{"kind": "password_changed"}])
    assert [code_of(soap.open(soap.credentials)) for _ in range(2)] == ["E001.1", "E001.1"]
    assert code_of(soap.open(sandbox.credentials("bouw"))) is None
    sandbox.clear_mischief("demo")
    assert code_of(soap.open(soap.credentials)) is None

"""Getting in, staying in, and not getting in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox.soap_client import SoapClient, code_of
from tests.support.sandbox_process import Sandbox, running_sandbox

_STRANGE_SESSION = "{00000000-0000-4000-8000-000000000000}"


def test_right_credentials_open_a_session_of_their_own_administration(soap: SoapClient) -> None:
    assert re.fullmatch(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", soap.session_id)
    entries = soap.call("GetAdministraties")["Administraties"]["cAdministratie"]
    assert [(entry["Bedrijf"], entry["Guid"]) for entry in entries] == [(soap.credentials["company"], soap.code2)]


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


def _sub(soap: SoapClient, guid: str, username: str = "demo-kantoor", code1: str | None = None) -> Any:
    return soap.service.OpenSessionSub(username, code1 or soap.credentials["code1"], soap.code2, "test", guid)


def test_an_accountant_enters_the_books_of_a_client(sandbox: Sandbox, soap: SoapClient) -> None:
    client = sandbox.credentials("bouw")
    soap.session_id = _sub(soap, client["code2"].lower())["SessionID"]
    for code2 in (client["code2"], soap.code2):
        soap.code2 = code2
        entries = soap.call("GetAdministraties")["Administraties"]["cAdministratie"]
        assert entries[0]["Bedrijf"] == "Bouwbedrijf Van Dam en Zonen"
        assert len(entries) == 2
        assert len(soap.call("GetArtikelen", {})["Artikelen"]["cArtikel"]) == 44
    soap.code2 = sandbox.credentials("installatie")["code2"]
    assert code_of(soap.call("GetArtikelen", {})) == "E002.1"


def test_an_accountant_sees_every_client_in_the_list(soap: SoapClient) -> None:
    soap.session_id = soap.open(soap.credentials | {"username": "demo-kantoor"})["SessionID"]
    entries = soap.call("GetAdministraties")["Administraties"]["cAdministratie"]
    assert [entry["Plaats"] for entry in entries] == ["Waterveen", "Waterveen", "Oudvoorde"]


def test_nobody_else_enters_the_books_of_a_client(sandbox: Sandbox, soap: SoapClient) -> None:
    guid = sandbox.credentials("bouw")["code2"]
    assert code_of(_sub(soap, guid, username="demo")) == "E002.5"
    assert code_of(_sub(soap, guid, code1="f" * 32)) == "E001.1"
    assert code_of(_sub(soap, "00000000-1111-4222-8333-444455556666")) == "E001.2"
    assert "demo-kantoor" not in {entry["username"] for entry in sandbox.administrations()}


def test_a_token_to_log_in_is_for_the_user_of_the_session(sandbox: Sandbox, soap: SoapClient) -> None:
    log_in = soap.service.AutoLogin
    answer = log_in("demo", soap.session_id, soap.code2)
    assert re.fullmatch(r"[0-9A-F]{32}", answer["Token"])
    assert code_of(log_in("schakel", soap.session_id, soap.code2)) == "E002.1"
    assert code_of(log_in("demo", _STRANGE_SESSION, soap.code2)) == "E002.2"
    shown = sandbox.calls("demo", "AutoLogin")[0]["answered"]["Token"]
    assert answer["Token"] not in shown


def test_another_password_makes_another_code_1_and_leaves_sessions_alone(sandbox: Sandbox, soap: SoapClient) -> None:
    new = sandbox.change_password("demo")
    assert code_of(soap.open(soap.credentials)) == "E001.1"
    assert code_of(soap.call("GetArtikelen", {})) is None
    assert code_of(soap.open(soap.credentials | {"code1": new})) is None
    assert sandbox.credentials("demo")["code1"] == new
    sandbox.reset("demo")
    assert code_of(soap.open(soap.credentials)) is None


def test_a_closed_session_is_over(soap: SoapClient) -> None:
    assert soap.service.CloseSession(soap.session_id) is None
    assert code_of(soap.call("GetArtikelen", {})) == "E002.4"


def test_an_idle_session_expires(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("idle")
    with running_sandbox(folder, "--session-minutes", "0") as sandbox:
        client = SoapClient(sandbox)
        client.log_in()
        assert code_of(client.call("GetArtikelen", {})) == "E002.3"


def test_an_expired_session_can_be_asked_for_in_the_form_without_a_dot(sandbox: Sandbox, soap: SoapClient) -> None:
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

"""`flask e-boekhouden check`: what it finds, what it writes, how it ends, and that it never shows a code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from cli import install
from gateways.bookkeeping import Credentials, Secret
from gateways.eboekhouden.contract_check import Check
from sandbox.switches import RULES
from tests.gateways.raw_server import Connection, answer_of, by_the_book, http, raw_server
from tests.support.sandbox_process import Sandbox

FORMS: list[dict[str, Any]] = [
    {},
    {"error_msg": "absent", "empty_lists": "absent", "relatiecode_typed": False, "session_code": "plain"},
    {"error_msg": "no_children", "vat_per": "line", "used_number": "let_through"},
    {"error_msg": "empty_children"},
    {"error_msg_of": {"AddFactuur": "absent", "UpdateRelatie": "empty_children"}},
]


def check(sandbox: Sandbox, **changes: Any) -> tuple[Check, list[str]]:
    given = sandbox.credentials("demo") | changes
    said: list[str] = []
    codes = Secret(given["code1"]), Secret(given["code2"])
    return Check(sandbox.soap_url, Credentials(0, 1, given["username"], *codes), said.append), said


def written(sandbox: Sandbox) -> list[str]:
    return [call["operation"] for call in sandbox.calls("demo") if not call["operation"].startswith(("Get", "Open"))]


@pytest.mark.parametrize("forms", FORMS)
def test_with_writing_it_finds_every_form_of_the_service(sandbox: Sandbox, forms: dict[str, Any]) -> None:
    switches = sandbox.switches("demo", **forms)
    checked, said = check(sandbox)
    assert checked.run(write=True), said
    tried = set(switches) - set(RULES) | {"negative_lines"}
    expected = {name: value for name, value in switches.items() if name in tried and value != {}}
    assert checked.switches == expected
    assert json.loads(next(line for line in said if line.startswith("Schakelaars")).split(":", 1)[1]) == expected
    for operation in ("OpenSession", "GetRelaties", "AddRelatie", "AddFactuur"):
        assert any(line.startswith(f"vorm  geen fout bij {operation}: ") for line in said), operation


def test_what_it_writes_is_marked_as_a_test_and_little(sandbox: Sandbox) -> None:
    before = {row["Code"] for row in sandbox.relations("demo")}
    assert check(sandbox)[0].run(write=True)
    (relation,) = [row for row in sandbox.relations("demo") if row["Code"] not in before]
    invoice, credit = sandbox.invoices("demo")
    assert relation["Bedrijf"].startswith("TEST Crafter")
    assert {one["Relatiecode"] for one in (invoice, credit)} == {relation["Code"]}
    assert invoice["Factuurnummer"].startswith("TEST")
    assert credit["Factuurnummer"] == f"{invoice['Factuurnummer']}C"
    assert {line["Omschrijving"] for line in invoice["Regels"]} == {"TEST van Crafter, niet betalen"}
    assert all("TEST van Crafter, niet betalen" in line["Omschrijving"] for line in credit["Regels"])
    assert [line["Aantal"] for line in credit["Regels"]] == [f"-{line['Aantal']}" for line in invoice["Regels"]]
    assert sorted(written(sandbox)) == sorted(
        ["AddRelatie", "AddRelatie", "UpdateRelatie", *["AddFactuur"] * 3, "CloseSession"]
    )
    sent = [call["sent"]["oFact"] for call in sandbox.calls("demo", "AddFactuur")]
    assert not any(one["PerEmailVerzenden"] or one["InBoekhoudingPlaatsen"] for one in sent)


def test_a_service_that_refuses_lines_below_zero_is_told_of_and_contradicts_nothing(sandbox: Sandbox) -> None:
    sandbox.switches("demo", negative_lines="refuse")
    checked, said = check(sandbox)
    assert checked.run(write=True), said
    assert checked.switches["negative_lines"] == "refuse"
    assert any("regels in de min worden niet aangenomen" in line for line in said)


@pytest.mark.parametrize("forms", FORMS)
def test_without_being_told_it_writes_nothing(sandbox: Sandbox, forms: dict[str, Any]) -> None:
    switches = sandbox.switches("demo", **forms)
    before = sandbox.relations("demo")
    checked, said = check(sandbox)
    assert checked.run(), said
    assert written(sandbox) == ["CloseSession"]
    assert (sandbox.relations("demo"), sandbox.invoices("demo")) == (before, [])
    for name in ("error_msg", "empty_lists", "session_code"):
        assert checked.switches[name] == switches[name]
    assert "vorm  used_number: niet gezien" in said
    assert "vorm  relatiecode_typed: niet gezien" in said


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "other_totals", "times": 9}, "wijkt af in excl"),
    ({"kind": "refuse", "operation": "AddFactuur", "code": "CFACT028"}, "CFACT028"),
    ({"kind": "html_503", "operation": "GetArtikelen"}, "HTTP 503"),
    ({"kind": "truncated_xml", "operation": "GetKostenplaatsen"}, "geen geldige XML"),
    ({"kind": "password_changed"}, "E001.1"),
    ({"kind": "refuse", "operation": "AddRelatie", "skip": 1, "code": "CREL777"}, "CREL777"),
    ({"kind": "refuse", "operation": "AddFactuur", "skip": 1, "code": "CFACT777"}, "CFACT777"),
]


@pytest.mark.parametrize(("rule", "said_of_it"), CONTRADICTIONS)
def test_what_contradicts_the_contract_is_named(sandbox: Sandbox, rule: dict[str, Any], said_of_it: str) -> None:
    sandbox.mischief("demo", [rule])
    checked, said = check(sandbox)
    assert not checked.run(write=True)
    assert any(said_of_it in line for line in said if line.startswith("FOUT"))


def answering(operation: str, inside: str) -> dict[str, Callable[[Connection], None]]:
    return {operation: lambda connection: connection.send(http(answer_of(operation, inside)))}


def test_missing_and_new_fields_of_a_row_are_told(sandbox: Sandbox) -> None:
    row = "<cKostenplaats><KostenplaatsId>1</KostenplaatsId><Kleur>rood</Kleur></cKostenplaats>"
    said: list[str] = []
    with raw_server(by_the_book(**answering("GetKostenplaatsen", f"<Kostenplaatsen>{row}</Kostenplaatsen>"))) as server:
        checked = Check(server.url, Credentials(0, 1, "demo", Secret("a"), Secret("b")), said.append)
        assert not checked.run()
    assert any("cKostenplaats.KostenplaatsParentId" in line for line in said if line.startswith("FOUT"))
    assert any("cKostenplaats.Kleur" in line for line in said if line.startswith("let op"))
    assert "FOUT  niet zo: een gesloten sessie wordt geweigerd (zonder code)" in said


@pytest.fixture
def runner(sandbox: Sandbox) -> Callable[..., Any]:
    """The command in an app that has nothing but commands."""
    app = Flask("commands")
    install(app)
    given = sandbox.credentials("demo")

    def run(*words: str, **options: Any) -> Any:
        command = ["e-boekhouden", "check", "--endpoint", sandbox.soap_url, "--username", given["username"], *words]
        return app.test_cli_runner().invoke(args=command, **options)

    return run


def test_the_command_ends_with_zero_and_shows_no_code_whichever_way_it_gets_them(
    runner: Callable[..., Any], sandbox: Sandbox
) -> None:
    given = sandbox.credentials("demo")
    asked = runner(input=f"{given['code1']}\n{given['code2']}\n")
    told = runner(env={"EBOEKHOUDEN_CODE1": given["code1"], "EBOEKHOUDEN_CODE2": given["code2"]})
    for done in (asked, told):
        assert done.exit_code == 0, done.output
        assert "Niets spreekt het contract tegen." in done.output
        assert given["code1"] not in done.output
        assert given["code2"] not in done.output
        assert not re.search(r"\{[0-9A-F]{8}-", done.output), "a session id"
    assert written(sandbox) == ["CloseSession"] * 2


def test_the_command_ends_with_one_when_something_is_wrong(runner: Callable[..., Any], sandbox: Sandbox) -> None:
    codes = {"EBOEKHOUDEN_CODE1": "0" * 32, "EBOEKHOUDEN_CODE2": sandbox.credentials("demo")["code2"]}
    done = runner(env=codes)
    assert done.exit_code == 1
    assert "E001.1" in done.output


def test_the_command_takes_no_codes_as_arguments_and_no_address_without_https(runner: Callable[..., Any]) -> None:
    assert runner("--code1", "x").exit_code == 2
    codes = {"EBOEKHOUDEN_CODE1": "a", "EBOEKHOUDEN_CODE2": "b"}
    refused = runner("--endpoint", "http://soap.e-boekhouden.nl/soap.asmx", env=codes)
    assert refused.exit_code == 1
    assert "https" in refused.output


def test_the_command_writes_only_when_told(runner: Callable[..., Any], sandbox: Sandbox) -> None:
    given = sandbox.credentials("demo")
    codes = {"EBOEKHOUDEN_CODE1": given["code1"], "EBOEKHOUDEN_CODE2": given["code2"]}
    assert runner("--write", env=codes).exit_code == 0
    assert len(sandbox.invoices("demo")) == 2

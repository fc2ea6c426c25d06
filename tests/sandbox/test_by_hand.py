"""What a person does in the books over there: by the control API, seen by a client over SOAP."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox import raw
from tests.sandbox.soap_client import SoapClient, code_of, line
from tests.support.sandbox_process import Sandbox

_BOOKED = {"InBoekhoudingPlaatsen": True, "BoekhoudmutatieOmschrijving": "Werkbon"}


def _seen(soap: SoapClient) -> dict[str, Any]:
    return {one["Factuurnummer"]: one for one in soap.find()}


def _open(soap: SoapClient) -> list[tuple[str, float, float]]:
    found = soap.call("GetOpenPosten", "Debiteuren")["Openposten"]
    return [(one["MutFactuur"], one["Bedrag"], one["Openstaand"]) for one in found["cOpenPost"]] if found else []


def test_an_invoice_is_edited_and_every_total_follows(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    lines = [line(Aantal="3", PrijsPerEenheid="10", Omschrijving="Anders")]
    changed = sandbox.edit_invoice("demo", "WB2026-0001", Regels=lines, Relatiecode="1002", Datum="2026-10-05")
    assert (changed["TotaalExclBTW"], changed["TotaalInclBTW"]) == ("30.00", "36.30")
    found = _seen(soap)["WB2026-0001"]
    assert (found["Relatiecode"], f"{found['Datum']:%Y-%m-%d}", found["TotaalInclBTW"]) == ("1002", "2026-10-05", 36.3)
    assert found["Regels"]["cFactuurRegel"][0]["Omschrijving"] == "Anders"
    assert found["Betalingstermijn"] == 14, "what is not named stays"


def test_a_renumbered_invoice_leaves_its_number_free(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(Factuurnummer="WB/1 é")
    sandbox.edit_invoice("demo", "WB/1 é", Factuurnummer="F2026/9")
    assert list(_seen(soap)) == ["F2026/9"]
    assert code_of(soap.add(Factuurnummer="WB/1 é")) is None
    assert len(_seen(soap)) == 2


def test_a_copy_is_an_invoice_of_its_own(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(**_BOOKED)
    copy = sandbox.with_invoice("demo", "WB2026-0001", "copy", Datum="2026-12-01")
    assert (copy["Factuurnummer"], copy["Datum"], copy["TotaalInclBTW"]) == ("F00001", "2026-12-01", "127.05")
    assert set(_seen(soap)) == {"WB2026-0001", "F00001"}
    assert _open(soap) == [("WB2026-0001", 127.05, 127.05)], "a copy is not booked by itself"


def test_an_invoice_is_booked_and_paid_in_parts(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    assert _open(soap) == []
    sandbox.with_invoice("demo", "WB2026-0001", "book")
    assert _open(soap) == [("WB2026-0001", 127.05, 127.05)]
    sandbox.with_invoice("demo", "WB2026-0001", "payment", Bedrag="27.05", Datum="2026-12-01")
    assert _open(soap) == [("WB2026-0001", 127.05, 100)]
    assert _seen(soap)["WB2026-0001"]["TotaalOpenstaand"] == 100
    sandbox.with_invoice("demo", "WB2026-0001", "payment")
    assert _open(soap) == []
    assert sum(Decimal(one["MutatieRegels"][0]["BedragInclBTW"]) for one in sandbox.mutations("demo")[1:]) == Decimal(
        "127.05"
    )


def test_a_booked_invoice_takes_booking_and_payments_along(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(**_BOOKED)
    sandbox.with_invoice("demo", "WB2026-0001", "payment", Bedrag="27.05")
    lines = [line(Aantal="10", PrijsPerEenheid="100")]
    sandbox.edit_invoice("demo", "WB2026-0001", Factuurnummer="X1", Relatiecode="1002", Regels=lines)
    assert _open(soap) == [("X1", 1210, 1182.95)]
    assert [one["MutatieNr"] for one in sandbox.mutations("demo")] == [1, 2], "the same mutations as before"
    sandbox.remove_invoice("demo", "X1")
    assert (sandbox.invoices("demo"), sandbox.mutations("demo")) == ([], [])


def test_somebody_makes_an_invoice_under_a_number_of_ours(sandbox: Sandbox, soap: SoapClient) -> None:
    lines = [{"Omschrijving": "Iets anders", "PrijsPerEenheid": "12.34"}]
    sandbox.add_invoice("demo", Factuurnummer="WB2026-0001", Relatiecode="1003", Regels=lines)
    assert code_of(soap.add()) == "CFACT026"
    assert _seen(soap)["WB2026-0001"]["TotaalExclBTW"] == 12.34


def test_of_two_under_one_number_the_id_says_which(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.switches("demo", used_number="let_through")
    soap.add()
    soap.add(lines=[line(Aantal=1)])
    first, second = (one["id"] for one in sandbox.invoices("demo"))
    refused = raw.ask(sandbox, "PUT", "/control/demo/invoices/WB2026-0001", b'{"Datum": "2026-01-01"}')
    assert (refused.status, f"({first}, {second})" in refused.text) == (400, True)
    sandbox.edit_invoice("demo", "WB2026-0001", id=first, Factuurnummer="WB2026-0002")
    assert [one["id"] for one in sandbox.invoices("demo") if one["Factuurnummer"] == "WB2026-0001"] == [second]
    assert code_of(soap.add()) is None, "a third one still fits"
    sandbox.remove_invoice("demo", "WB2026-0001")
    assert list(_seen(soap)) == ["WB2026-0002"], "without an id all of that number go"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "invoices/NONE", {"Datum": "2026-01-01"}, 404),
        ("PUT", "invoices/WB2026-0001", {"Datum": "1-1-2026"}, 400),
        ("PUT", "invoices/WB2026-0001", {"Datum": "1979-01-01"}, 400),
        ("PUT", "invoices/WB2026-0001", {"Factuurnummer": "WB2026-0002"}, 400),
        ("PUT", "invoices/WB2026-0001", {"Relatiecode": "9999"}, 400),
        ("PUT", "invoices/WB2026-0001", {"Regels": []}, 400),
        ("PUT", "invoices/WB2026-0001", {"Regels": [{"Aantal": "veel"}]}, 400),
        ("PUT", "invoices/WB2026-0001", {"Bedrag": "1"}, 400),
        ("POST", "invoices/WB2026-0001/payment", {}, 400),
        ("POST", "invoices/WB2026-0001/burn", {}, 404),
        ("POST", "invoices", {"Relatiecode": "1001"}, 400),
        ("POST", "invoices/WB2026-0001", {}, 404),
        ("PUT", "invoices", {}, 404),
        ("PUT", "relations/9999", {"Bedrijf": "X"}, 404),
        ("PUT", "relations/1001", {"ID": 5}, 400),
        ("PUT", "relations/1001", {"Code": "1002"}, 400),
        ("PUT", "relations", {"recode": {"1001": "1002"}}, 400),
        ("PUT", "relations", {"recode": {"9999": "1"}}, 400),
        ("PUT", "articles", {"add": [{"ArtikelOmschrijving": "Zonder code"}]}, 400),
        ("PUT", "articles", {"add": [{"ArtikelCode": "A", "VerkoopprijsExclBTW": "duur"}]}, 400),
        ("PUT", "articles", {"add": [{"ArtikelCode": "A", "VerkoopprijsExclBTW": "1e999"}]}, 400),
        ("PUT", "articles", {"add": [{"ArtikelCode": "A", "KostenplaatsID": None}]}, 400),
        ("PUT", "articles", {"add": [{"ArtikelCode": "A"}, {"ArtikelCode": "A"}]}, 400),
        ("PUT", "relations", {"add": [{"Code": "A", "ID": None}]}, 400),
        ("PUT", "relations", {"add": [{"Code": "A"}, {"Code": "A"}]}, 400),
        ("PUT", "articles", 5, 400),
        ("PUT", "articles/NONE", {}, 404),
        ("DELETE", "relations/9999", None, 404),
        ("DELETE", "articles/NONE", None, 404),
        ("POST", "moments", {"name": "x"}, 400),
        ("POST", "moments/999/restore", None, 404),
        ("DELETE", "moments/x", None, 404),
    ],
)
def test_a_wish_that_cannot_be_changes_nothing(
    sandbox: Sandbox, soap: SoapClient, method: str, path: str, body: Any, status: int
) -> None:
    for number in ("WB2026-0001", "WB2026-0002"):
        soap.add(Factuurnummer=number)
    before = [sandbox.control("GET", f"demo/{what}") for what in ("invoices", "relations", "articles", "moments")]
    answer = raw.ask(sandbox, method, f"/control/demo/{path}", json.dumps(body).encode())
    assert answer.status == status, answer.text
    assert json.loads(answer.text)["error"]
    after = [sandbox.control("GET", f"demo/{what}") for what in ("invoices", "relations", "articles", "moments")]
    assert before == after


def test_a_wish_that_the_services_own_rules_refuse_gets_their_code(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    wish = {"Factuurnummer": "WB2026-0001", "Relatiecode": "1001", "Regels": [{"Omschrijving": "X"}]}
    refused = raw.ask(sandbox, "POST", "/control/demo/invoices", json.dumps(wish).encode())
    assert json.loads(refused.text)["error"].startswith("CFACT026: ")


def test_swapped_codes_belong_to_the_other_and_invoices_follow(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(Relatiecode="1001", **_BOOKED)
    ids = {one["Code"]: one["ID"] for one in sandbox.relations("demo")}
    sandbox.swap_relation_codes("demo", "1001", "1002")
    after = {one["Code"]: one["ID"] for one in sandbox.relations("demo")}
    assert after == ids | {"1001": ids["1002"], "1002": ids["1001"]}
    found = soap.call("GetRelaties", {"Code": "1001", "ID": 0})["Relaties"]["cRelatie"]
    assert [one["ID"] for one in found] == [ids["1002"]]
    assert _seen(soap)["WB2026-0001"]["Relatiecode"] == "1002"
    assert sandbox.mutations("demo")[0]["RelatieCode"] == "1002"


def test_a_relation_is_edited_renumbered_and_deleted(sandbox: Sandbox, soap: SoapClient) -> None:
    before = next(one for one in sandbox.relations("demo") if one["Code"] == "1001")
    soap.add()
    sandbox.control("PUT", "demo/relations/1001", {"Code": "K/7", "Bedrijf": "Nieuwe naam"})
    found = soap.call("GetRelaties", {"Code": "K/7", "ID": 0})["Relaties"]["cRelatie"][0]
    assert (found["ID"], found["Bedrijf"], found["Plaats"]) == (before["ID"], "Nieuwe naam", before["Plaats"])
    assert _seen(soap)["WB2026-0001"]["Relatiecode"] == "K/7"
    sandbox.control("DELETE", "demo/relations/K%2F7")
    assert soap.call("GetRelaties", {"Code": "K/7", "ID": 0})["Relaties"] is None
    assert list(_seen(soap)) == ["WB2026-0001"], "its invoices stay"


def test_articles_are_added_edited_renumbered_swapped_and_deleted(sandbox: Sandbox, soap: SoapClient) -> None:
    def found(code: str) -> Any:
        listed = soap.call("GetArtikelen", {"ArtikelID": 0, "ArtikelCode": code})["Artikelen"]
        return listed["cArtikel"][0] if listed else None

    count = len(sandbox.articles("demo"))
    wish = {
        "ArtikelCode": "BADKUIP",
        "ArtikelOmschrijving": "Badkuip",
        "VerkoopprijsExclBTW": "45.50",
        "Eenheid": "stuk",
    }
    assert sandbox.articles("demo", {"add": [wish]}) == {"articles": count + 1}
    made = found("BADKUIP")
    assert (made["ArtikelID"] > 0, made["VerkoopprijsExclBTW"], made["BTWCode"]) == (
        True,
        Decimal("45.50"),
        "HOOG_VERK_21",
    )
    assert made["VerkoopprijsInclBTW"] == Decimal("55.055")
    sandbox.control("PUT", "demo/articles/BADKUIP", {"ArtikelCode": "BADKUIP-2", "VerkoopprijsExclBTW": "50"})
    assert (found("BADKUIP"), found("BADKUIP-2")["ArtikelID"]) == (None, made["ArtikelID"])
    other = sandbox.articles("demo")[0]
    sandbox.articles("demo", {"recode": {"BADKUIP-2": other["ArtikelCode"], other["ArtikelCode"]: "BADKUIP-2"}})
    assert (found("BADKUIP-2")["ArtikelID"], found(other["ArtikelCode"])["ArtikelID"]) == (
        other["ArtikelID"], made["ArtikelID"],
    )  # fmt: skip
    soap.add(lines=[line(Code="BADKUIP-2")])
    sandbox.articles("demo", {"remove": ["BADKUIP-2"]})
    (kept,) = _seen(soap)["WB2026-0001"]["Regels"]["cFactuurRegel"]
    assert kept["Code"] == "BADKUIP-2", "lines keep the code that they were made with"
    assert found("BADKUIP-2") is None
    sandbox.articles("demo", [wish])
    assert [one["ArtikelCode"] for one in sandbox.articles("demo")] == ["BADKUIP"]


def test_the_books_go_back_to_an_older_moment(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(**_BOOKED)
    kept = [sandbox.control("GET", f"demo/{what}") for what in ("invoices", "mutations", "relations", "articles")]
    moment = sandbox.take_moment("demo")
    soap.add(Factuurnummer="WB2026-0002", **_BOOKED)
    sandbox.edit_invoice("demo", "WB2026-0001", Factuurnummer="X1")
    sandbox.swap_relation_codes("demo", "1001", "1002")
    sandbox.articles("demo", [])
    sandbox.switches("demo", vat_per="line")
    sandbox.go_back("demo", moment)
    after = [sandbox.control("GET", f"demo/{what}") for what in ("invoices", "mutations", "relations", "articles")]
    assert after == kept
    assert [one["Factuurnummer"] for one in soap.find()] == ["WB2026-0001"], "and the session goes on"
    assert sandbox.switches("demo")["vat_per"] == "line", "how it answers is no part of the books"
    assert code_of(soap.add(Factuurnummer="WB2026-0002")) is None, "that number is free again"
    sandbox.go_back("demo", moment)
    assert len(sandbox.invoices("demo")) == 1, "a moment can be gone back to more than once"


def test_moments_are_of_one_administration_survive_a_restart_and_end_with_a_reset(sandbox: Sandbox) -> None:
    titled = sandbox.control("POST", "demo/moments", {"title": "Voor de vakantie"})
    assert (titled["title"], titled["invoice"], titled["relation"] > 0) == ("Voor de vakantie", 0, True)
    assert sandbox.control("GET", "bouw/moments") == []
    assert raw.ask(sandbox, "POST", f"/control/bouw/moments/{titled['id']}/restore").status == 404
    sandbox.restart()
    assert [one["id"] for one in sandbox.control("GET", "demo/moments")] == [titled["id"]]
    sandbox.control("DELETE", f"demo/moments/{titled['id']}")
    assert sandbox.control("GET", "demo/moments") == []
    sandbox.take_moment("demo")
    sandbox.reset("demo")
    assert sandbox.control("GET", "demo/moments") == []

"""Mutations and what follows from them: AddMutatie, GetMutaties, GetOpenPosten, ledger accounts and balances."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.soap_client import DAY, SoapClient, code_of, line
from tests.support.sandbox_process import Sandbox

_YEAR = {"DatumVan": datetime(2026, 1, 1), "DatumTm": datetime(2026, 12, 31)}
_DAYS = {"DatumVan": datetime(2026, 1, 1), "DatumTot": datetime(2026, 12, 31)}


def _line(**changes: Any) -> dict[str, Any]:
    return {
        "BedragInvoer": 100,
        "BedragExclBTW": 100,
        "BedragBTW": 21,
        "BedragInclBTW": 121,
        "BTWCode": "HOOG_VERK_21",
        "BTWPercentage": 21,
        "TegenrekeningCode": "8000",
        "KostenplaatsID": 0,
    } | changes


def _payment_line(counter: str = "1300") -> dict[str, Any]:
    none = {"BedragBTW": 0, "BTWCode": "GEEN", "BTWPercentage": 0}
    return _line(BedragInvoer=121, BedragExclBTW=121, TegenrekeningCode=counter, **none)


def _mutation(lines: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "MutatieNr": 0,
        "Soort": "FactuurVerstuurd",
        "Datum": DAY,
        "Rekening": "1300",
        "RelatieCode": "1001",
        "Factuurnummer": "V1",
        "Omschrijving": "Verkoop",
        "Betalingstermijn": "14",
        "InExBTW": "EX",
        "MutatieRegels": {"cMutatieRegel": [_line()] if lines is None else lines},
    } | changes


def _payment(**changes: Any) -> dict[str, Any]:
    return _mutation([_payment_line()], Soort="FactuurbetalingOntvangen", Rekening="1010") | changes


def _purchase(**changes: Any) -> dict[str, Any]:
    lines = [_line(BTWCode="HOOG_INK_21", TegenrekeningCode="7000", KostenplaatsID=2)]
    return _mutation(lines, Soort="FactuurOntvangen", Rekening="1600", Factuurnummer="I1") | changes


def _added(soap: SoapClient, mutation: dict[str, Any]) -> str | None:
    return code_of(soap.call("AddMutatie", mutation))


def _found(soap: SoapClient, **conditions: Any) -> list[Any]:
    answer = soap.call("GetMutaties", {"MutatieNr": 0} | _YEAR | conditions)["Mutaties"]
    return answer["cMutatieList"] if answer else []


def _open(soap: SoapClient, side: str = "Debiteuren") -> list[tuple[str, float, float]]:
    found = soap.call("GetOpenPosten", side)["Openposten"]
    items = found["cOpenPost"] if found else []
    return [(item["MutFactuur"], item["Voldaan"], item["Openstaand"]) for item in items]


def test_mutations_are_numbered_and_found_as_they_came(soap: SoapClient) -> None:
    numbers = [
        soap.call("AddMutatie", mutation)["Mutatienummer"] for mutation in (_mutation(), _purchase(), _payment())
    ]
    assert numbers == [1, 2, 3]
    first = _found(soap)[0]
    assert (first["Soort"], first["Datum"], first["RelatieCode"]) == ("FactuurVerstuurd", DAY, "1001")
    kept = first["MutatieRegels"]["cMutatieListRegel"][0]
    assert (kept["BedragInclBTW"], kept["BTWPercentage"], kept["Factuurnummer"]) == (121, 21, "V1")
    assert [entry["MutatieNr"] for entry in _found(soap, MutatieNr=2)] == [2]
    assert [entry["MutatieNr"] for entry in _found(soap, MutatieNrVan=2, MutatieNrTm=3)] == [2, 3]
    assert [entry["MutatieNr"] for entry in _found(soap, Factuurnummer="V1")] == [1, 3]
    assert _found(soap, DatumTm=datetime(2026, 11, 21)) == []


_HEAD_REFUSALS = [
    ("CMUT008", {"Soort": "OpeningsSaldo"}),
    ("CMUT004", {"Datum": datetime(1979, 12, 31)}),
    ("CMUT001.1", {"Rekening": "9999"}),
    ("CMUT016", {"Rekening": "1010"}),
    ("CMUT015", {"Rekening": "1010", "Soort": "FactuurOntvangen"}),
    ("CMUT001", {"Rekening": "8000", "Soort": "GeldOntvangen"}),
    ("CMUT005", {"Omschrijving": " "}),
    ("CMUT003", {"InExBTW": ""}),
    ("CMUT003.1", {"InExBTW": "ex"}),
    ("CMUT006", {"MutatieRegels": {"cMutatieRegel": []}}),
    ("CMUT006", {"MutatieRegels": {"cMutatieRegel": [_line()] * 101}}),
    ("CMUT013", {"Factuurnummer": ""}),
    ("CMUT014", {"RelatieCode": ""}),
    ("CMUT014", {"Betalingstermijn": ""}),
    ("CMUT017", {"RelatieCode": "9999"}),
    ("CMUT010", {"BedragInclBTW": Decimal("121.01")}),
    ("CMUT010.1", {"BedragBTW": 20, "BedragInclBTW": 120}),
    ("CMUT033", {"BTWCode": "HOOG"}),
    ("CMUT011", {"BTWCode": "HOOG_INK_21"}),
    ("CMUT012", {"TegenrekeningCode": "9999"}),
]


@pytest.mark.parametrize(("code", "change"), _HEAD_REFUSALS)
def test_a_wrong_mutation_is_refused_and_not_kept(
    sandbox: Sandbox, soap: SoapClient, code: str, change: dict[str, Any]
) -> None:
    on_the_line = set(change) <= set(_line())
    mutation = _mutation([_line(**change)]) if on_the_line else _mutation(**change)
    answer = soap.call("AddMutatie", mutation)
    assert (code_of(answer), answer["Mutatienummer"]) == (code, 0)
    assert sandbox.mutations("demo") == []


def test_an_invoice_number_goes_into_the_books_once(soap: SoapClient) -> None:
    assert _added(soap, _mutation()) is None
    assert _added(soap, _mutation()) == "CMUT018"
    assert _added(soap, _mutation(RelatieCode="1002")) == "CMUT019"
    # a number of a supplier is the supplier's own: another one may use it too
    assert _added(soap, _purchase()) is None
    assert _added(soap, _purchase()) == "CMUT018"
    assert _added(soap, _purchase(RelatieCode="1002")) is None


def test_a_payment_belongs_to_an_invoice_and_clears_it(soap: SoapClient) -> None:
    assert _added(soap, _payment()) == "CMUT026"
    _added(soap, _mutation())
    for code, change in (
        ("CMUT023", {"Factuurnummer": ""}),
        ("CMUT024", {"RelatieCode": ""}),
        ("CMUT025", {"RelatieCode": "9999"}),
        ("CMUT026", {"RelatieCode": "1002"}),
        ("CMUT021", {"MutatieRegels": {"cMutatieRegel": [_payment_line()] * 2}}),
        ("CMUT027", {"MutatieRegels": {"cMutatieRegel": [_payment_line("8000")]}}),
        ("CMUT028", {"Soort": "FactuurbetalingVerstuurd", "Factuurnummer": "I1"}),
    ):
        if code == "CMUT028":
            _added(soap, _purchase())
        assert _added(soap, _payment(**change)) == code, change
    assert _open(soap) == [("V1", 0, 121)]
    assert _added(soap, _payment()) is None
    assert _open(soap) == []
    assert _open(soap, "Crediteuren") == [("I1", 0, 121)]


def test_a_cent_of_rounding_back_from_an_amount_with_vat_is_let_pass(soap: SoapClient) -> None:
    amounts = {"BedragInclBTW": 100, "BedragExclBTW": Decimal("82.64"), "BedragBTW": Decimal("17.36")}
    assert _added(soap, _mutation([_line(**amounts)])) is None


def test_an_invoice_that_is_put_in_the_books_is_open_until_it_is_paid(sandbox: Sandbox, soap: SoapClient) -> None:
    low = line(Aantal=1, PrijsPerEenheid=Decimal("0.12"), BTWCode="LAAG_VERK_9")
    booked = {"InBoekhoudingPlaatsen": True, "BoekhoudmutatieOmschrijving": "Factuur"}
    soap.add(lines=[low, low, low, line()], Factuurnummer="F1", **booked)
    soap.add(Factuurnummer="F2")
    assert _open(soap) == [("F1", 0, 127.44)], "not in the books, no open item"
    mutation = sandbox.mutations("demo")[0]
    assert (mutation["Rekening"], mutation["Omschrijving"]) == ("1300", "Factuur")
    vat = [Decimal(entry["BedragBTW"]) for entry in mutation["MutatieRegels"]]
    assert (vat, sum(vat)) == ([Decimal("0.01")] * 3 + [Decimal("22.05")], Decimal("22.08"))
    pay = _payment_line() | dict.fromkeys(("BedragInvoer", "BedragExclBTW", "BedragInclBTW"), Decimal("100"))
    assert _added(soap, _payment(Factuurnummer="F1", MutatieRegels={"cMutatieRegel": [pay]})) is None
    assert {found["Factuurnummer"]: found["TotaalOpenstaand"] for found in soap.find()} == {"F1": 27.44, "F2": 127.05}


def test_a_refused_invoice_books_nothing(sandbox: Sandbox, soap: SoapClient) -> None:
    assert code_of(soap.add(InBoekhoudingPlaatsen=True)) == "CFACT032"
    assert sandbox.mutations("demo") == []


def test_at_most_the_newest_five_hundred_are_handed_out(sandbox: Sandbox, soap: SoapClient) -> None:
    _added(soap, _mutation(Soort="Memoriaal"))
    with closing(sqlite3.connect(sandbox.state_path, isolation_level=None)) as books:
        books.execute(
            "WITH RECURSIVE more(number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM more WHERE number < 501)"
            " INSERT INTO mutation SELECT administration, more.number, kind, date, relation_code, invoice_number,"
            " json_set(data, '$.MutatieNr', more.number) FROM mutation, more"
        )
    numbers = [entry["MutatieNr"] for entry in _found(soap)]
    assert numbers == list(range(2, 502))
    assert [entry["MutatieNr"] for entry in _found(soap, MutatieNrVan=1, MutatieNrTm=1)] == [1]


def test_the_ration_of_five_thousand_calls_a_month_runs_out_per_administration(
    sandbox: Sandbox, soap: SoapClient
) -> None:
    sandbox.used_calls("demo", 4998)
    assert [code_of(soap.call("GetMutaties", {"MutatieNr": 0} | _YEAR)) for _ in range(3)] == [None, None, "E003.1"]
    assert sandbox.control("GET", "demo/usage")["calls"] == 5001
    assert code_of(soap.call("GetOpenPosten", "Debiteuren")) is None, "only GetMutaties is rationed"
    neighbour = SoapClient(sandbox, "bouw")
    neighbour.log_in()
    assert code_of(neighbour.call("GetMutaties", {"MutatieNr": 0} | _YEAR)) is None
    neighbour.close()


def test_balances_follow_both_sides_of_every_mutation(soap: SoapClient) -> None:
    for mutation in (_mutation(), _payment(), _purchase()):
        assert _added(soap, mutation) is None
    found = soap.call("GetSaldi", {"KostenPlaatsId": 0} | _DAYS)["Saldi"]["cSaldo"]
    sums = {entry["Code"]: entry["Saldo"] for entry in found}
    assert {code: amount for code, amount in sums.items() if amount} == {
        "1010": 121, "1500": -21, "8000": -100, "7000": 100, "1520": 21, "1600": -121,
    }  # fmt: skip
    assert sum(sums.values()) == 0
    only = soap.call("GetSaldi", {"KostenPlaatsId": 0, "Categorie": "CRED"} | _DAYS)["Saldi"]["cSaldo"]
    assert [(entry["Code"], entry["Saldo"]) for entry in only] == [("1600", -121)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 100),
        ({"KostenPlaatsId": 2}, 100),
        ({"KostenPlaatsId": 1}, 0),
        ({"DatumTot": datetime(2026, 11, 21)}, 0),
        ({"DatumVan": None, "DatumTot": None}, 100),
    ],
)
def test_a_balance_obeys_its_filter(soap: SoapClient, change: dict[str, Any], expected: int) -> None:
    _added(soap, _purchase())
    wanted = {"GbCode": "7000", "KostenPlaatsId": 0} | _DAYS | change
    assert soap.call("GetSaldo", wanted)["Saldo"] == expected


@pytest.mark.parametrize(("change", "code"), [({"GbCode": "9999"}, "CGB004"), ({"GbCode": " "}, "CGN003")])
def test_a_balance_of_no_account_is_refused(soap: SoapClient, change: dict[str, Any], code: str) -> None:
    assert code_of(soap.call("GetSaldo", {"GbCode": "7000", "KostenPlaatsId": 0} | _DAYS | change)) == code


def _account(**changes: Any) -> dict[str, Any]:
    return {"ID": 0, "Code": "4900", "Omschrijving": "Overige kosten", "Categorie": "VW", "Groep": ""} | changes


def test_an_account_is_added_changed_and_usable_at_once(soap: SoapClient) -> None:
    account_id = soap.call("AddGrootboekrekening", _account())["Gb_ID"]
    assert account_id > 0
    assert _added(soap, _mutation([_line(TegenrekeningCode="4900")])) is None
    changed = soap.call("UpdateGrootboekrekening", _account(ID=account_id, Code="4901", Omschrijving="Anders"))
    assert changed is None
    found = soap.call("GetGrootboekrekeningen", {"ID": account_id})["Rekeningen"]["cGrootboekrekening"]
    assert [(entry["Code"], entry["Omschrijving"], entry["Categorie"]) for entry in found] == [("4901", "Anders", "VW")]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("CGN003", {"Code": ""}),
        ("CGB001", {"Code": "8000"}),
        ("CGB002", {"Omschrijving": ""}),
        ("CGB005", {"Categorie": ""}),
        ("CGB006", {"Categorie": "DEB"}),
    ],
)
def test_a_wrong_account_is_refused_in_adding_and_in_changing(
    soap: SoapClient, code: str, change: dict[str, str]
) -> None:
    account_id = soap.call("AddGrootboekrekening", _account())["Gb_ID"]
    fresh = {"Code": "4950"} | change
    assert code_of(soap.call("AddGrootboekrekening", _account(**fresh))) == code
    changed = soap.call("UpdateGrootboekrekening", _account(ID=account_id) | change)
    assert changed["LastErrorCode"] == f"{code}.1"
    assert changed["LastErrorDescription"] not in (None, "Onbekende fout.")


def test_an_unknown_account_cannot_be_changed(soap: SoapClient) -> None:
    assert soap.call("UpdateGrootboekrekening", _account(ID=1))["LastErrorCode"] == "CGB004.1"

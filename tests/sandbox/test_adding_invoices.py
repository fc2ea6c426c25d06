"""AddFactuur: every refusal, their order, numbers and totals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.soap_client import SoapClient, code_of, line
from tests.support.sandbox_process import Sandbox

# from the first check to the last: the code, and what mends it
_HEAD: list[tuple[str, dict[str, Any]]] = [
    ("CFACT024", {"Relatiecode": "9999"}),
    ("CFACT025", {"Relatiecode": "1001"}),
    ("CFACT004", {"Datum": datetime(2026, 11, 22)}),
    ("CFACT027", {"Factuursjabloon": "factuursjabloon"}),
    ("CFACT028", {"Factuursjabloon": "Standaard"}),
    ("CFACT026", {"Factuurnummer": "FREE-1"}),
    ("CFACT029", {"EmailBericht": "Dag"}),
    ("CFACT030", {"EmailVanAdres": "van@proef.example"}),
    ("CFACT031", {"EmailOnderwerp": "Factuur"}),
    ("CFACT032", {"BoekhoudmutatieOmschrijving": "Factuur"}),
    ("CFACT033", {"IncassoRekeningNummer": "1"}),
    ("CFACT034", {"IncassoTnv": "P. Proef"}),
    ("CFACT035", {"IncassoPlaats": "Waterveen"}),
    ("CFACT036", {"IncassoOmschrijvingRegel1": "Factuur"}),
    ("CFACT006", {"Regels": {"cFactuurRegel": [line()]}}),
]
_ALL_WRONG: dict[str, Any] = {
    "Relatiecode": "",
    "Datum": datetime(1979, 12, 31),
    "Factuursjabloon": "",
    "Factuurnummer": "TAKEN-1",
    "PerEmailVerzenden": True,
    "InBoekhoudingPlaatsen": True,
    "AutomatischeIncasso": True,
    "Regels": {"cFactuurRegel": []},
}
_LINES: list[tuple[str, dict[str, Any]]] = [
    ("CFACT037", {"Code": ""}),
    ("CFACT038", {"BTWCode": ""}),
    ("CFACT042", {"BTWCode": "HOOG_VERK"}),
    ("CFACT042", {"BTWCode": "HOOG_INK_21"}),
    ("CFACT039", {"Omschrijving": " "}),
    ("CFACT040", {"TegenrekeningCode": ""}),
    ("CMUT012", {"TegenrekeningCode": "8999"}),
    ("CMUT012", {"TegenrekeningCode": "1300"}),
    ("CFACT212", {"KostenplaatsID": 77}),
]


def test_the_head_is_checked_in_the_order_of_the_contract(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add(Factuurnummer="TAKEN-1")
    fact, codes = dict(_ALL_WRONG), []
    for _, mending in _HEAD:
        codes.append(code_of(soap.add(**fact)))
        fact |= mending
    assert codes == [code for code, _ in _HEAD]
    assert code_of(soap.add(**fact)) is None
    assert [entry["Factuurnummer"] for entry in sandbox.invoices("demo")] == ["TAKEN-1", "FREE-1"]


@pytest.mark.parametrize(("code", "change"), _LINES)
def test_a_wrong_line_is_refused_and_named(
    sandbox: Sandbox, soap: SoapClient, code: str, change: dict[str, Any]
) -> None:
    answer = soap.add(lines=[line(), line(**change)])
    assert code_of(answer) == code
    assert "regel 2" in answer["ErrorMsg"]["LastErrorDescription"]
    assert answer["Factuurnummer"] is None
    assert sandbox.invoices("demo") == []


def test_a_line_is_checked_in_the_order_of_the_contract(soap: SoapClient) -> None:
    wrong = {"Code": "", "BTWCode": "", "Omschrijving": "", "TegenrekeningCode": "", "KostenplaatsID": 77}
    mendings: list[dict[str, Any]] = [
        {"Code": "A"},
        {"BTWCode": "AFW_VERK"},
        {"BTWCode": "GEEN"},
        {"Omschrijving": "Werk"},
        {"TegenrekeningCode": "1600"},
        {"TegenrekeningCode": "8000"},
        {"KostenplaatsID": 1},
    ]
    codes = []
    for mending in mendings:
        codes.append(code_of(soap.add(lines=[line(**wrong)])))
        wrong |= mending
    assert codes == ["CFACT037", "CFACT038", "CFACT042", "CFACT039", "CFACT040", "CMUT012", "CFACT212"]
    assert code_of(soap.add(lines=[line(**wrong)])) is None


@pytest.mark.parametrize(("count", "code"), [(1, None), (100, None), (101, "CFACT006")])
def test_an_invoice_has_between_one_and_a_hundred_lines(soap: SoapClient, count: int, code: str | None) -> None:
    assert code_of(soap.add(lines=[line()] * count)) == code


@pytest.mark.parametrize(("year", "code"), [(1980, None), (2049, None), (2050, "CFACT004")])
def test_the_date_lies_between_1980_and_2049(soap: SoapClient, year: int, code: str | None) -> None:
    assert code_of(soap.add(Datum=datetime(year, 6, 1))) == code


def test_a_number_is_kept_as_given_and_taken_once(sandbox: Sandbox, soap: SoapClient) -> None:
    assert soap.add(Factuurnummer="WB2026-0031")["Factuurnummer"] == "WB2026-0031"
    assert code_of(soap.add(Factuurnummer="WB2026-0031")) == "CFACT026"
    assert len(sandbox.invoices("demo")) == 1


def test_a_used_number_goes_in_again_when_the_switch_lets_it(sandbox: Sandbox, soap: SoapClient) -> None:
    sandbox.switches("demo", used_number="let_through")
    assert [soap.add()["Factuurnummer"] for _ in range(2)] == ["WB2026-0001"] * 2
    assert len(sandbox.invoices("demo")) == 2


def test_a_line_below_zero_is_taken_unless_the_switch_refuses_it(sandbox: Sandbox, soap: SoapClient) -> None:
    less, both = line(Aantal=Decimal(-1)), line(Aantal=Decimal(-1), PrijsPerEenheid=Decimal(-2))
    assert code_of(soap.add(Factuurnummer="C1", Regels={"cFactuurRegel": [less]})) is None
    sandbox.switches("demo", negative_lines="refuse")
    assert code_of(soap.add(Factuurnummer="C2", Regels={"cFactuurRegel": [less]})) == "CFACT901"
    assert code_of(soap.add(Factuurnummer="C3", Regels={"cFactuurRegel": [both]})) is None


def test_without_a_number_their_own_series_counts_on_and_passes_over_taken_ones(soap: SoapClient) -> None:
    soap.add(Factuurnummer="F00002")
    assert [soap.add(Factuurnummer=blank)["Factuurnummer"] for blank in ("", None, " ")] == [
        "F00001",
        "F00003",
        "F00004",
    ]


@pytest.mark.parametrize(("vat_per", "vat"), [("total", Decimal("0.06")), ("line", Decimal("0.05"))])
def test_vat_is_rounded_per_line_or_per_rate(sandbox: Sandbox, soap: SoapClient, vat_per: str, vat: Decimal) -> None:
    # per rate: 9 % of 0.36 is 0.03 and 21 % of 0.14 is 0.03; per line: 3 x 0.01 and 2 x 0.01
    sandbox.switches("demo", vat_per=vat_per)
    low = line(Aantal=1, PrijsPerEenheid=Decimal("0.12"), BTWCode="LAAG_VERK_9")
    high = line(Aantal=1, PrijsPerEenheid=Decimal("0.07"), BTWCode="HOOG_VERK_21")
    reverse_charge = line(Aantal=1, PrijsPerEenheid=Decimal("42.00"), BTWCode="VERL_VERK")
    soap.add(lines=[low, low, low, high, high, reverse_charge])
    kept = sandbox.invoices("demo")[0]
    assert Decimal(kept["TotaalExclBTW"]) == Decimal("42.50")
    assert Decimal(kept["TotaalBTW"]) == vat
    assert Decimal(kept["TotaalInclBTW"]) == Decimal("42.50") + vat


def test_half_a_cent_goes_up(soap: SoapClient) -> None:
    soap.add(lines=[line(Aantal=1, PrijsPerEenheid=Decimal("19.50"))])
    assert soap.find()[0]["TotaalBTW"] == 4.1


def test_a_credit_line_counts_down(soap: SoapClient) -> None:
    soap.add(lines=[line(Aantal=2), line(Aantal=-1)])
    found = soap.find()[0]
    assert (found["TotaalExclBTW"], found["TotaalBTW"]) == (42.0, 8.82)


def test_sixteen_callers_at_once_get_sixteen_numbers(sandbox: Sandbox) -> None:
    clients = [SoapClient(sandbox, timeout=30) for _ in range(16)]

    def add_two(client: SoapClient) -> list[str]:
        client.log_in()
        numbers = [client.add(Factuurnummer="")["Factuurnummer"] for _ in range(2)]
        client.close()
        return numbers

    with ThreadPoolExecutor(16) as pool:
        numbers = sorted(number for pair in pool.map(add_two, clients) for number in pair)
    assert numbers == [f"F{count:05d}" for count in range(1, 33)]
    assert len(sandbox.invoices("demo")) == 32


def test_of_sixteen_callers_with_one_number_one_gets_it(sandbox: Sandbox) -> None:
    clients = [SoapClient(sandbox, timeout=30) for _ in range(16)]

    def add(client: SoapClient) -> str | None:
        client.log_in()
        code = code_of(client.add())
        client.close()
        return code

    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(add, clients))
    assert sorted(codes, key=str) == ["CFACT026"] * 15 + [None]
    assert len(sandbox.invoices("demo")) == 1

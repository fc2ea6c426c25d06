"""Reading: relations, articles, accounts, cost centres, invoices; and writing relations."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from sandbox.errors import RELATION_LENGTHS
from tests.sandbox.soap_client import DAY, SoapClient, code_of
from tests.support.sandbox_process import Sandbox


def _relation(**changes: Any) -> dict[str, Any]:
    return {
        "ID": 0,
        "AddDatum": DAY,
        "Code": "NEW1",
        "Bedrijf": "Nieuw B.V.",
        "Plaats": "Hagewoud",
        "Gb_ID": 0,
        "GeenEmail": 0,
        "NieuwsbriefgroepenCount": 0,
    } | changes


def _codes(soap: SoapClient, **conditions: Any) -> list[str]:
    found = soap.call("GetRelaties", {"ID": 0} | conditions)["Relaties"]
    return [entry["Code"] for entry in found["cRelatie"]] if found else []


def test_the_demo_companies_have_their_relations_articles_and_accounts(sandbox: Sandbox) -> None:
    for name, relations, articles in (("installatie", 72, 48), ("bouw", 64, 44)):
        client = SoapClient(sandbox, name)
        client.log_in()
        codes = _codes(client)
        assert codes == [str(1001 + place) for place in range(relations)]
        items = client.call("GetArtikelen", {})["Artikelen"]["cArtikel"]
        assert len(items) == articles
        assert {"ARBEID", "VOORRIJ", "KM"} <= {item["ArtikelCode"] for item in items}
        accounts = client.call("GetGrootboekrekeningen", {"ID": 0})["Rekeningen"]["cGrootboekrekening"]
        assert {item["TegenrekeningCode"] for item in items} <= {account["Code"] for account in accounts}
        assert {"1300", "8000", "8010", "8020"} <= {account["Code"] for account in accounts}
        client.close()


def test_invented_numbers_pass_their_checks(sandbox: Sandbox) -> None:
    companies = [entry for entry in sandbox.relations("installatie") if entry["IBAN"]]
    assert len(companies) > 30
    for entry in companies:
        iban = entry["IBAN"]
        assert int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1
        assert re.fullmatch(r"\d{8}", entry["KvkNummer"])
        if entry["BTWNummer"]:
            digits = [int(digit) for digit in entry["BTWNummer"][2:11]]
            weighed = sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=False))
            assert weighed % 11 == digits[8]
        assert entry["Email"].endswith(".example")


def test_relations_are_found_by_code_by_id_and_by_a_word(soap: SoapClient, sandbox: Sandbox) -> None:
    second = sandbox.relations("demo")[1]
    assert _codes(soap, Code="1002") == ["1002"]
    assert _codes(soap, ID=second["ID"]) == ["1002"]
    assert "1002" in _codes(soap, Trefwoord=second["Bedrijf"][:6].upper())
    assert _codes(soap, Code="1002", Trefwoord="nowhere") == []


def test_relations_can_be_replaced_added_and_removed_from_outside(soap: SoapClient, sandbox: Sandbox) -> None:
    old_id = sandbox.relations("demo")[0]["ID"]
    sandbox.relations("demo", [{"Code": "1001", "Bedrijf": "Anders"}, {"Code": "B2", "Bedrijf": "Twee"}])
    sandbox.relations("demo", {"add": [{"Code": "C3", "Bedrijf": "Drie"}], "remove": ["B2"]})
    found = soap.call("GetRelaties", {"ID": 0})["Relaties"]["cRelatie"]
    assert [(entry["Code"], entry["Bedrijf"]) for entry in found] == [("1001", "Anders"), ("C3", "Drie")]
    assert found[0]["ID"] == old_id


def test_a_relation_is_added_once(soap: SoapClient) -> None:
    answer = soap.call("AddRelatie", _relation())
    assert code_of(answer) is None
    assert answer["Rel_ID"] > 0
    again = soap.call("AddRelatie", _relation())
    assert (code_of(again), again["Rel_ID"]) == ("CREL001", 0)
    assert _codes(soap, Trefwoord="nieuw b.v.") == ["NEW1"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Code": ""}, "CREL901"),
        ({"Bedrijf": ""}, "CREL902"),
        ({"BP": "C"}, "CREL26"),
        ({"BP": "p"}, None),
        *(({field: "x" * (most + 1)}, code) for code, field, most in RELATION_LENGTHS),
    ],
)
def test_a_relation_needs_a_code_and_a_name_and_nothing_in_it_is_too_long(
    soap: SoapClient, change: dict[str, str], code: str | None
) -> None:
    assert code_of(soap.call("AddRelatie", _relation(**change))) == code


def test_an_update_replaces_the_whole_relation(soap: SoapClient) -> None:
    relation_id = soap.call("AddRelatie", _relation(Telefoon="058-5550000"))["Rel_ID"]
    answer = soap.call("UpdateRelatie", _relation(ID=relation_id, Bedrijf="Anders B.V."))
    assert answer is None
    entry = soap.call("GetRelaties", {"ID": relation_id})["Relaties"]["cRelatie"][0]
    assert (entry["Bedrijf"], entry["Telefoon"]) == ("Anders B.V.", None)


def test_an_update_cannot_take_the_code_of_another(soap: SoapClient) -> None:
    relation_id = soap.call("AddRelatie", _relation())["Rel_ID"]
    answer = soap.call("UpdateRelatie", _relation(ID=relation_id, Code="1001"))
    assert answer["LastErrorCode"] == "CREL001"


@pytest.mark.parametrize(
    ("operation", "conditions", "wrapper", "count"),
    [
        ("GetArtikelen", {"ArtikelCode": "KM"}, ("Artikelen", "cArtikel"), 1),
        ("GetArtikelen", {"ArtikelOmschrijving": "arbeid"}, ("Artikelen", "cArtikel"), 2),
        ("GetArtikelen", {"GroepCode": "MAT"}, ("Artikelen", "cArtikel"), 2),
        ("GetArtikelen", {"ArtikelCode": "KM", "GroepCode": "MAT"}, ("Artikelen", "cArtikel"), 0),
        ("GetGrootboekrekeningen", {"ID": 0, "Code": "8000"}, ("Rekeningen", "cGrootboekrekening"), 1),
        ("GetGrootboekrekeningen", {"ID": 0, "Categorie": "DEB"}, ("Rekeningen", "cGrootboekrekening"), 1),
        ("GetKostenplaatsen", {}, ("Kostenplaatsen", "cKostenplaats"), 3),
        ("GetKostenplaatsen", {"KostenplaatsParentID": 2}, ("Kostenplaatsen", "cKostenplaats"), 1),
    ],
)
def test_lists_obey_their_filter(
    soap: SoapClient, operation: str, conditions: dict[str, Any], wrapper: tuple[str, str], count: int
) -> None:
    found = soap.call(operation, conditions)[wrapper[0]]
    assert len(found[wrapper[1]] if found else []) == count


def test_invoices_are_found_by_number_relation_and_day(soap: SoapClient) -> None:
    soap.add(Factuurnummer="A1", Datum=datetime(2026, 1, 31))
    soap.add(Factuurnummer="A2", Datum=datetime(2026, 2, 1), Relatiecode="1002")
    soap.add(Factuurnummer="A3", Datum=datetime(2026, 2, 28))

    def numbers(**conditions: Any) -> list[str]:
        return [entry["Factuurnummer"] for entry in soap.find(**conditions)]

    february = {"DatumVan": datetime(2026, 2, 1), "DatumTm": datetime(2026, 2, 28)}
    assert numbers() == ["A1", "A2", "A3"]
    assert numbers(**february) == ["A2", "A3"]
    assert numbers(Relatiecode="1002") == ["A2"]
    assert numbers(Relatiecode="1001", **february) == ["A3"]
    assert numbers(Factuurnummer="A1") == ["A1"]
    assert numbers(Factuurnummer="A1", **february) == []
    assert numbers(Factuurnummer="A") == []


def test_a_found_invoice_tells_what_was_sent(soap: SoapClient) -> None:
    soap.add()
    found = soap.find()[0]
    assert (found["Datum"], found["Betalingstermijn"]) == (DAY, 14)
    assert found["TotaalOpenstaand"] == found["TotaalInclBTW"] == 127.05
    assert found["URLPDFBestand"].startswith("https://secure.e-boekhouden.nl/bh/getfactuur.asp?c=100001-")
    sent = found["Regels"]["cFactuurRegel"][0]
    assert (sent["Aantal"], sent["PrijsPerEenheid"]) == (2.5, 42.0)
    assert (sent["Code"], sent["Omschrijving"], sent["Eenheid"]) == ("ARBEID", "Werk & materiaal", "uur")
    assert (sent["BTWCode"], sent["TegenrekeningCode"]) == ("HOOG_VERK_21", "8000")


def test_a_neighbour_does_not_see_the_invoices(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    neighbour = SoapClient(sandbox, "bouw")
    neighbour.log_in()
    assert neighbour.find() == []
    neighbour.close()

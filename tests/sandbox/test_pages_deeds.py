"""What a person does on the pages of the sandbox, by its forms: each deed, its confirmation, and what is refused."""

from __future__ import annotations

import re
import sqlite3
from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox import invoices
from sandbox.store import Store
from tests.sandbox import raw
from tests.sandbox.by_form import Person
from tests.sandbox.soap_client import SoapClient
from tests.support.sandbox_process import Sandbox, running_sandbox

_LINE = {"Omschrijving": "Arbeid", "Aantal": "2.5", "PrijsPerEenheid": "42"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """Somebody at the pages."""
    return Person(sandbox)


@pytest.fixture
def at_invoice(person: Person, soap: SoapClient) -> Person:
    """Somebody who looks at the one invoice there is."""
    soap.add()
    path = re.findall(r'href="(/demo/facturen/\d+)"', person.goes_to("/demo/facturen").text)[0]
    return person.goes_to(path)


def _only(sandbox: Sandbox) -> dict[str, Any]:
    (one,) = sandbox.invoices("demo")
    return one


def test_an_invoice_gets_another_number_date_and_relation(sandbox: Sandbox, at_invoice: Person) -> None:
    at_invoice.presses("Hernummeren", Factuurnummer="X/1 é")
    assert at_invoice.told == "Factuur WB2026-0001 is gewijzigd: nummer WB2026-0001 werd X/1 é."
    at_invoice.presses("Datum wijzigen", Datum="5-10-2026")
    assert "datum 22-11-2026 werd 5-10-2026" in at_invoice.told
    at_invoice.presses("Relatie wijzigen", Relatiecode="1002")
    assert "relatie 1001 werd 1002" in at_invoice.told
    one = _only(sandbox)
    assert (one["Factuurnummer"], one["Datum"], one["Relatiecode"]) == ("X/1 é", "2026-10-05", "1002")


def test_an_invoice_is_copied_booked_paid_and_deleted(sandbox: Sandbox, at_invoice: Person) -> None:
    first = at_invoice.path
    assert "Plaats hem daar eerst." in at_invoice.text
    at_invoice.presses("Plaatsen")
    assert at_invoice.told == "Factuur WB2026-0001 staat nu in de boekhouding; 127,05 staat open."
    at_invoice.presses("Betaling boeken", Bedrag="27,05")
    assert at_invoice.told == "Van factuur WB2026-0001 is 27,05 ontvangen; 100,00 staat nog open."
    at_invoice.presses("Betaling boeken")
    assert at_invoice.told.endswith("100,00 ontvangen; 0,00 staat nog open.")
    assert "staat niets meer open" in at_invoice.text
    at_invoice.presses("Kopie maken")
    assert at_invoice.told == "Factuur WB2026-0001 is gekopieerd naar F00001."
    at_invoice.goes_to(first).presses("Factuur verwijderen")
    assert (at_invoice.told, at_invoice.path.partition("?")[0]) == (
        "Factuur WB2026-0001 is verwijderd.",
        "/demo/facturen",
    )
    assert _only(sandbox)["Factuurnummer"] == "F00001"
    assert sandbox.mutations("demo") == []


def test_all_of_an_invoice_is_edited_and_what_nobody_touches_stays(sandbox: Sandbox, at_invoice: Person) -> None:
    before = _only(sandbox)
    edit = f"{at_invoice.path}/wijzigen"
    at_invoice.goes_to(edit).presses("Bewaren")
    assert at_invoice.told == "Aan factuur WB2026-0001 is niets veranderd."
    assert _only(sandbox) == before
    added = {"Aantal-1": "2", "Omschrijving-1": "Erbij\nen meer", "PrijsPerEenheid-1": "1.000,50"}
    at_invoice.goes_to(edit).presses("Bewaren", **added)
    assert "totaal excl. btw 105,00 werd 2.106,00" in at_invoice.told
    assert "de regels zijn anders" in at_invoice.told
    assert [one["Omschrijving"] for one in _only(sandbox)["Regels"]][1] == "Erbij\nen meer"
    gone = {"Aantal-0": "", "Eenheid-0": "", "Omschrijving-0": "", "PrijsPerEenheid-0": ""}
    at_invoice.goes_to(edit).presses("Bewaren", **gone)
    assert [one["Bedrag"] for one in _only(sandbox)["Regels"]] == ["2001.00"]


def test_an_invoice_is_made_by_hand(sandbox: Sandbox, person: Person) -> None:
    filled = {"Aantal-0": "3", "Omschrijving-0": "Met de hand", "PrijsPerEenheid-0": "10,00"}
    person.goes_to("/demo/facturen/nieuw").presses("Bewaren", Relatiecode="1001", Datum="2026-11-02", **filled)
    assert person.told == "Factuur F00001 is gemaakt."
    assert (_only(sandbox)["TotaalInclBTW"], _only(sandbox)["Datum"]) == ("36.30", "2026-11-02")


@pytest.mark.parametrize(
    ("button", "typed", "message"),
    [
        ("Hernummeren", {"Factuurnummer": " "}, "Vul dit in."),
        ("Datum wijzigen", {"Datum": "31-2-2026"}, "Dit is geen dag. Schrijf bijvoorbeeld 3-11-2026."),
        ("Datum wijzigen", {"Datum": "1-1-1970"}, "De datum ontbreekt of ligt niet tussen 1980 en 2049. (CFACT004)"),
        ("Relatie wijzigen", {"Relatiecode": "<b>"}, "De relatie is onbekend. (CFACT025)"),
        ("Kopie maken", {"Factuurnummer": "WB2026-0001"}, "Het factuurnummer is niet beschikbaar. (CFACT026)"),
    ],
)
def test_what_is_refused_is_said_beside_the_field_and_nothing_typed_is_lost(
    sandbox: Sandbox, at_invoice: Person, button: str, typed: dict[str, str], message: str
) -> None:
    before = sandbox.invoices("demo")
    at_invoice.presses(button, **typed)
    assert (at_invoice.status, at_invoice.wrong) == (400, [message])
    assert at_invoice.fields(button)[1] | typed == at_invoice.fields(button)[1]
    assert sandbox.invoices("demo") == before


@pytest.mark.parametrize("text", ["12.50", "1.5", "0.125", "1,2,3", "1e3", "NaN", "٣", "9" * 30])
def test_an_amount_that_could_mean_two_things_is_asked_back(at_invoice: Person, text: str) -> None:
    at_invoice.presses("Plaatsen")
    at_invoice.presses("Betaling boeken", Bedrag=text)
    assert at_invoice.status == 400
    assert len(at_invoice.wrong) == 1
    assert at_invoice.fields("Betaling boeken")[1]["Bedrag"] == text


def test_a_line_that_cannot_be_is_told_at_its_field(sandbox: Sandbox, at_invoice: Person) -> None:
    at_invoice.goes_to(f"{at_invoice.path}/wijzigen").presses("Bewaren", **{"Aantal-0": "veel", "Omschrijving-0": ""})
    assert at_invoice.wrong == ["Dit is geen getal. Schrijf bijvoorbeeld 27,05 of 1.234,50.", "Vul dit in."]
    assert at_invoice.fields("Bewaren")[1]["Aantal-0"] == "veel"
    assert _only(sandbox)["Regels"][0]["Aantal"] == "2.5"


def test_a_deed_that_came_too_late_says_so(sandbox: Sandbox, at_invoice: Person) -> None:
    sandbox.with_invoice("demo", "WB2026-0001", "book")
    at_invoice.presses("Plaatsen")
    assert (at_invoice.status, at_invoice.wrong) == (400, ["Deze factuur staat al in de boekhouding."])
    edit = Person(sandbox).goes_to(f"{at_invoice.path}/wijzigen")
    sandbox.remove_invoice("demo", "WB2026-0001")
    assert edit.presses("Bewaren").status == 404


def test_a_relation_is_made_edited_swapped_and_deleted(sandbox: Sandbox, person: Person, soap: SoapClient) -> None:
    soap.add()
    person.goes_to("/demo/relaties/nieuw").presses("Bewaren", Code="1001", Bedrijf="Nieuw")
    assert person.wrong == ["Deze code is van Familie Voorbeeld."]
    person.presses("Bewaren", Code="N/1")
    assert person.told == "Relatie N/1 Nieuw is gemaakt."
    person.presses("Bewaren", Bedrijf="Nieuw & Zoon", Email="a@b.example")
    assert person.told == "Relatie N/1 Nieuw & Zoon: Naam “Nieuw” werd “Nieuw & Zoon”; E-mail “” werd “a@b.example”."
    person.presses("Bewaren", Code="1001")
    assert person.wrong == ["Deze code is van Familie Voorbeeld. Wisselen kan hieronder."]
    made = person.path
    person.goes_to(made).presses("Codes wisselen", Ander="1001")
    assert person.told == "De codes N/1 en 1001 zijn gewisseld."
    assert _only(sandbox)["Relatiecode"] == "N/1", "its invoice went along with the relation"
    person.presses("Codes wisselen", Ander="8888")
    assert person.wrong == ["Er is geen andere relatie met de code 8888."]
    person.goes_to(made).presses("Relatie verwijderen")
    assert person.told == "Relatie 1001 Nieuw & Zoon is verwijderd."
    assert "1001" not in {one["Code"] for one in sandbox.relations("demo")}


def test_an_article_is_made_edited_and_deleted(sandbox: Sandbox, person: Person) -> None:
    typed = {"ArtikelCode": "KRAAN", "ArtikelOmschrijving": "Kraan", "VerkoopprijsExclBTW": "10,00"}
    person.goes_to("/demo/artikelen/nieuw").presses("Bewaren", **typed)
    assert person.wrong == ["Er is al een artikel met deze code."]
    person.presses("Bewaren", ArtikelCode="K2")
    assert person.told == "Artikel K2 Kraan is gemaakt."
    person.presses("Bewaren", VerkoopprijsExclBTW="20,00", Actief=None)
    assert person.told == "Artikel K2 Kraan: Verkoopprijs excl. btw 10,00 werd 20,00; Actief ja werd nee."
    kept = next(one for one in sandbox.articles("demo") if one["ArtikelCode"] == "K2")
    assert (kept["VerkoopprijsInclBTW"], kept["Actief"]) == ("24.2000", False), "the price with VAT follows"
    person.presses("Artikel verwijderen")
    assert "K2" not in {one["ArtikelCode"] for one in sandbox.articles("demo")}


def test_the_books_go_back_to_a_moment(sandbox: Sandbox, person: Person, soap: SoapClient) -> None:
    person.goes_to("/demo/momenten").presses("Onthoud dit moment", Titel="leeg")
    assert person.told.startswith("Onthouden: 0 facturen, ")
    soap.add()
    person.goes_to("/demo/momenten").presses("Terug hiernaartoe")
    assert person.told.endswith(": 0 facturen.")
    assert sandbox.invoices("demo") == []
    person.presses("Vergeet")
    assert "Er is geen moment onthouden." in person.text


def test_how_the_service_answers_is_set_on_a_page(sandbox: Sandbox, person: Person) -> None:
    person.goes_to("/demo/gedrag").presses("Schakelaars zetten", used_number="let_through", invoice_cap="100")
    assert "Een factuurnummer dat er al is: let_through" in person.told
    stand = sandbox.control("GET", "demo/switches")
    assert (stand["used_number"], stand["invoice_cap"], stand["relatiecode_typed"]) == ("let_through", 100, True)
    person.presses("Streek toevoegen", kind="html_503", operation="GetFacturen", times="2")
    person.presses("Streek toevoegen")
    assert [one["kind"] for one in sandbox.mischief_left("demo")] == ["html_503", "lost_answer"]
    person.presses("Streek toevoegen", kind="number_taken", operation="GetFacturen")
    assert person.wrong[0].startswith("Zo kan het niet")
    person.presses("Laat niets meer misgaan")
    assert sandbox.mischief_left("demo") == []


# -- whose form it is --------------------------------------------------------------------------------


def _post(sandbox: Sandbox, path: str, values: dict[str, str], **headers: str) -> raw.RawAnswer:
    return raw.ask(sandbox, "POST", path, urlencode(values).encode(), **{**_FORM, **headers})


@pytest.mark.parametrize(
    ("key", "headers", "status"),
    [
        ("ours", {}, 303),
        ("ours", {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ("", {}, 403),
        ("guessed", {}, 403),
        ("ours", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("ours", {"Sec-Fetch-Site": "same-site"}, 403),
        ("ours", {"Host": "rebound.example"}, 403),
        ("ours", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_only_a_form_of_these_pages_acts(
    sandbox: Sandbox, at_invoice: Person, key: str, headers: dict[str, str], status: int
) -> None:
    action, values = at_invoice.fields("Factuur verwijderen")
    sent = {**values, "sleutel": values["sleutel"] if key == "ours" else key}
    assert _post(sandbox, action, sent, **headers).status == status
    assert len(sandbox.invoices("demo")) == (0 if status == 303 else 1)


def test_the_key_is_another_one_after_a_restart_and_the_page_says_what_to_do(tmp_path: Any) -> None:
    with running_sandbox(tmp_path) as sandbox:
        sandbox.add_invoice("demo", Relatiecode="1001", Regels=[_LINE])
        page = Person(sandbox).goes_to("/demo/facturen")
        page.goes_to(re.findall(r'href="(/demo/facturen/\d+)"', page.text)[0])
        sandbox.restart()
        page.presses("Factuur verwijderen")
        assert page.status == 403
        assert "vernieuw de pagina en doe het nog eens" in page.text
        assert page.goes_to(page.path).presses("Factuur verwijderen").told == "Factuur F00001 is verwijderd."


def test_asking_for_a_page_changes_nothing(sandbox: Sandbox, at_invoice: Person) -> None:
    for word in ("verwijderen", "boeken", "kopieren"):
        assert raw.ask(sandbox, "GET", f"{at_invoice.path}/{word}").status == 404
    assert len(sandbox.invoices("demo")) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_pages_take_no_other_method(sandbox: Sandbox, method: str) -> None:
    assert raw.ask(sandbox, method, "/demo/facturen").status == 405


# -- at size -----------------------------------------------------------------------------------------

_MANY = 20_000


def _many_invoices(sandbox: Sandbox) -> None:
    """20,000 copies of one invoice, booked as the books do it, straight into the state file."""
    sandbox.add_invoice("demo", Relatiecode="1001", Regels=[_LINE])
    sandbox.with_invoice("demo", "F00001", "book")
    counting = f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {_MANY})"
    with sqlite3.connect(sandbox.state_path) as state:
        state.execute(
            "INSERT INTO invoice (administration, number, copy, relation_code, date, excl, vat, incl, url, data,"
            f" received_at) {counting}"
            " SELECT administration, printf('M%06d', i), 0, relation_code, date, excl, vat, incl,"
            " url, json_set(data, '$.Factuurnummer', printf('M%06d', i)), received_at FROM invoice, n"
        )
        state.execute(
            f"INSERT INTO mutation {counting} SELECT administration, i, kind, date, relation_code, printf('M%06d', i),"
            " json_set(data, '$.MutatieNr', i, '$.Factuurnummer', printf('M%06d', i)) FROM mutation, n"
        )
    state.close()


def test_twenty_thousand_invoices_are_searched_and_paged(sandbox: Sandbox, person: Person) -> None:
    _many_invoices(sandbox)
    person.goes_to("/demo/facturen")
    assert "20000 gevonden, 1 tot en met 100 getoond" in person.text
    assert "Pagina 1 van 200" in person.text
    assert person.text.count("<tr>") == 101
    person.goes_to("/demo/facturen?pagina=200")
    assert "F00001" in person.text
    person.goes_to("/demo/facturen?zoek=m01999")
    assert "10 gevonden" in person.text
    person.goes_to("/demo/facturen?zoek=FAMILIE&pagina=2")
    assert "20000 gevonden, 101 tot en met 200 getoond" in person.text
    assert "?zoek=FAMILIE&amp;pagina=3" in person.text
    person.goes_to("/demo/facturen?pagina=201")
    assert "Zo ver gaat deze lijst niet." in person.text
    person.goes_to("/")
    sandbox.reset()


def test_what_is_open_costs_as_much_as_the_page_and_not_as_the_books(sandbox: Sandbox) -> None:
    _many_invoices(sandbox)
    thousands: list[None] = []
    store = Store(sandbox.state_path)
    with store.reading() as connection:
        connection.set_progress_handler(lambda: thousands.append(None), 1_000)
        assert len(invoices.newest(connection, "demo", limit=100)) == 100
        connection.set_progress_handler(None, 0)
    store.close()
    assert len(thousands) < 100, "steps of SQLite, by the thousand"
    sandbox.reset()


# -- the control API beside it -----------------------------------------------------------------------


def test_a_text_is_no_yes_or_no(sandbox: Sandbox) -> None:
    answer = raw.ask(sandbox, "PUT", "/control/demo/articles/KRAAN", b'{"Actief": "false"}')
    assert answer.status == 400
    assert "Actief is true or false" in answer.text
    sandbox.control("PUT", "demo/articles/KRAAN", {"Actief": False})
    assert [one["Actief"] for one in sandbox.articles("demo") if one["ArtikelCode"] == "KRAAN"] == [False]


@pytest.mark.parametrize(
    "path", ["/control/demo/articles", "/control/demo/moments", "/demo/facturen", "/demo/momenten"]
)
def test_who_only_looks_waits_for_no_writer(sandbox: Sandbox, path: str) -> None:
    with sqlite3.connect(sandbox.state_path, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert raw.ask(sandbox, "GET", path).status == 200
        writer.execute("ROLLBACK")
    writer.close()

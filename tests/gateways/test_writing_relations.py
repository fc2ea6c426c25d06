"""Relations one by one: fetched, made and changed over there; and cost centres and the invoices of one relation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from domain.outcome import Posted
from domain.relation import SAID, RelationDetails
from gateways.bookkeeping import BookkeepingError, Credentials, Declined, Unfit, Unreachable
from gateways.eboekhouden.contract_books import ContractBooks
from gateways.eboekhouden.limits import ALL
from tests.gateways.conftest import ROOMY, Books, draft
from tests.gateways.raw_server import answer_of, by_the_book, http, raw_server

Connect = Callable[..., ContractBooks]
NEW = RelationDetails(
    code="N-1",
    name="Bakkerij <De Oven> & Zn.",
    is_company=True,
    contact="Ans Meel",
    address="Broodstraat 1",
    postcode="1234 AB",
    city="Waterveen",
    country="Nederland",
    phone="0201234567",
    mobile="0612345678",
    email="oven@bakkerij.example",
    vat_number="NL010000446B01",
    coc_number="12345678",
    iban="NL91ABNA0417164300",
)


def record(books: Books, code: str) -> dict[str, Any]:
    """The relation as the sandbox keeps it."""
    return next(row for row in books.sandbox.relations("demo") if row["Code"] == code)


def test_one_relation_is_fetched_by_its_exact_code(books: Books) -> None:
    books.sandbox.relations("demo", {"add": [{"Code": "77", "Bedrijf": "Kort"}, {"Code": "770", "Bedrijf": "Lang"}]})
    found = books.gateway.relation(books.credentials, " 77 ")
    assert found is not None
    assert (found.code, found.name) == ("77", "Kort")
    assert books.gateway.relation(books.credentials, "7") is None


def test_no_code_is_no_relation_and_asks_nothing(books: Books) -> None:
    assert books.gateway.relation(books.credentials, " ") is None
    assert books.gateway.article(books.credentials, "") is None
    assert books.calls() == []


def test_what_they_give_beside_the_exact_code_does_not_count(connect: Connect, credentials: Credentials) -> None:
    rows = "".join(f"<cRelatie><ID>{n}</ID><Code>{code}</Code></cRelatie>" for n, code in enumerate(("770", "77x"), 1))
    answer = http(answer_of("GetRelaties", f"<Relaties>{rows}</Relaties>"))
    with raw_server(by_the_book(GetRelaties=lambda connection: connection.send(answer))) as server:
        assert connect(server.url).relation(credentials, "77") is None


def test_one_article_is_fetched_by_its_exact_code(books: Books) -> None:
    found = books.gateway.article(books.credentials, "ARBEID")
    assert found is not None
    assert found.description == "Arbeid"
    assert books.gateway.article(books.credentials, "ARBEI") is None


@pytest.mark.parametrize("error_msg", ["absent", "no_children", "empty_children"])
def test_a_new_relation_arrives_with_every_field_and_its_id(books: Books, error_msg: str) -> None:
    books.sandbox.switches("demo", error_msg=error_msg)
    remote_id = books.gateway.add_relation(books.credentials, NEW)
    found = books.gateway.relation(books.credentials, NEW.code)
    assert found is not None
    assert found.remote_id == remote_id
    assert asdict(found) == asdict(NEW) | {"remote_id": remote_id}
    kept = record(books, NEW.code)
    assert (kept["BP"], kept["LA"], kept["Gb_ID"], kept["Notitie"]) == ("B", "0", 0, "")


def test_a_private_person_is_one_over_there(books: Books) -> None:
    books.gateway.add_relation(books.credentials, RelationDetails("Jan Jansen", "P-1", is_company=False))
    assert record(books, "P-1")["BP"] == "P"


def test_a_used_code_is_declined_with_their_words_and_explained(books: Books) -> None:
    books.gateway.add_relation(books.credentials, NEW)
    with pytest.raises(Declined) as caught:
        books.gateway.add_relation(books.credentials, replace(NEW, name="Een ander"))
    assert caught.value.code == "CREL001"
    assert caught.value.text
    explanation = books.gateway.explain("CREL001")
    assert explanation is not None
    assert explanation.mend == "relation_code"


@pytest.mark.parametrize("field", ALL.relation)
@pytest.mark.parametrize("wrong", ["too long", "\x0b", "\ud800", "\ufffe"])
def test_a_field_that_does_not_fit_is_named_and_nothing_is_sent(books: Books, field: str, wrong: str) -> None:
    said, longest = SAID[field], ALL.relation[field]
    value = "x" * (longest + 1) if wrong == "too long" else f"a{wrong}b"
    with pytest.raises(Unfit) as caught:
        books.gateway.add_relation(books.credentials, replace(NEW, **{field: value}))
    assert caught.value.field == field
    assert said in str(caught.value.why)
    with pytest.raises(Unfit) as changing:
        books.gateway.update_relation(books.credentials, 1, {field: value})
    assert changing.value.field == field
    assert books.calls() == []


def test_the_longest_of_every_field_arrives_whole(books: Books) -> None:
    books.sandbox.switches("demo", long_email="take")
    full = RelationDetails(**{name: (name[0] * longest) for name, longest in ALL.relation.items()})
    books.gateway.add_relation(books.credentials, full)
    found = books.gateway.relation(books.credentials, full.code)
    assert found is not None
    assert asdict(found) == asdict(full) | {"remote_id": found.remote_id}


@pytest.mark.parametrize("field", ["code", "name"])
def test_a_relation_without_code_or_name_is_not_sent(books: Books, field: str) -> None:
    with pytest.raises(Unfit) as caught:
        books.gateway.add_relation(books.credentials, replace(NEW, **{field: " "}))
    assert caught.value.field == field
    assert books.calls() == []


@pytest.mark.parametrize(
    ("kind", "there", "may"),
    [
        ("lost_answer", 1, True),
        ("reset_mid", 1, True),
        ("reset_before", 0, True),
        ("empty_200", 1, True),
        ("html_503", 0, True),
        ("slow", 1, True),
    ],
)
def test_a_lost_answer_says_that_it_may_have_arrived_and_is_not_repeated(
    books: Books, connect: Connect, kind: str, there: int, may: bool, record_property: Callable[[str, object], None]
) -> None:
    record_property("counted", "cases of mischief")
    if kind == "slow":
        books.gateway = connect(books.sandbox.soap_url, times=replace(ROOMY, read=2))
    books.gateway.ready(books.credentials)
    books.sandbox.mischief("demo", [{"kind": kind, "operation": "AddRelatie", "seconds": 6}])
    with pytest.raises(Unreachable) as caught:
        books.gateway.add_relation(books.credentials, NEW)
    assert caught.value.may_have_arrived is may
    assert sum(row["Code"] == NEW.code for row in books.sandbox.relations("demo")) == there
    assert books.calls() == ["OpenSession", "AddRelatie"]


def test_what_could_not_leave_says_so(connect: Connect, credentials: Credentials) -> None:
    with pytest.raises(Unreachable) as caught:
        connect("http://127.0.0.1:1/soap.asmx").add_relation(credentials, NEW)
    assert caught.value.may_have_arrived is False


@pytest.mark.parametrize("number", ["", "0", "-3", "drie"])
def test_an_answer_without_an_id_is_no_proof(connect: Connect, credentials: Credentials, number: str) -> None:
    answer = http(answer_of("AddRelatie", f"<Rel_ID>{number}</Rel_ID>"))
    trick = by_the_book(AddRelatie=lambda connection: connection.send(answer))
    with raw_server(trick) as server, pytest.raises(Unreachable) as caught:
        connect(server.url).add_relation(credentials, NEW)
    assert caught.value.may_have_arrived


def test_a_session_that_died_is_opened_again_and_the_relation_made_once(books: Books) -> None:
    books.gateway.ready(books.credentials)
    books.sandbox.mischief("demo", [{"kind": "expired_session", "operation": "AddRelatie"}])
    assert books.gateway.add_relation(books.credentials, NEW) > 0
    assert books.calls() == ["OpenSession", "AddRelatie", "OpenSession", "AddRelatie"]


# everything of a relation that our port has no word for
UNKNOWN_TO_US = {
    "Geslacht": "v",
    "Adres2": "Postbus 9",
    "Postcode2": "9999 ZZ",
    "Plaats2": "Oudedijk",
    "Land2": "België",
    "FAX": "0209999999",
    "Site": "https://oven.example/?a=1&b=2",
    "Notitie": " eerste regel <let op>\ntweede regel & meer ",
    "Bankrekening": "123",
    "Girorekening": "456",
    "Aanhef": "Beste Ans",
    "BIC": "ABNANL2A",
    "LA": "1",
    "Gb_ID": 7,
    "GeenEmail": 1,
    "NieuwsbriefgroepenCount": 3,
    **{f"Def{n}": f"vrij veld {n}" for n in range(1, 11)},
}


@pytest.mark.parametrize("error_msg", ["absent", "no_children", "empty_children"])
def test_a_change_keeps_everything_else_as_it_is_over_there(books: Books, error_msg: str) -> None:
    books.sandbox.switches("demo", error_msg=error_msg)
    books.gateway.add_relation(books.credentials, NEW)
    was = record(books, NEW.code) | UNKNOWN_TO_US
    books.sandbox.relations("demo", {"add": [was]})
    books.gateway.update_relation(books.credentials, was["ID"], {"city": "Oudedijk", "is_company": False, "phone": ""})
    now = record(books, NEW.code)
    assert now == was | {"Plaats": "Oudedijk", "BP": "P", "Telefoon": ""}


def test_a_change_of_a_relation_that_is_not_there_is_declined(books: Books) -> None:
    with pytest.raises(Declined):
        books.gateway.update_relation(books.credentials, 999_999, {"city": "Oudedijk"})
    assert "UpdateRelatie" not in books.calls()


def test_a_change_they_refuse_is_declined_with_their_words(books: Books) -> None:
    one, other = books.sandbox.relations("demo")[:2]
    with pytest.raises(Declined) as caught:
        books.gateway.update_relation(books.credentials, one["ID"], {"code": other["Code"]})
    assert caught.value.code == "CREL001"
    assert record(books, one["Code"]) == one


def test_a_change_of_a_field_that_is_none_is_a_mistake_of_ours(books: Books) -> None:
    with pytest.raises(ValueError, match="colour"):
        books.gateway.update_relation(books.credentials, 1, {"colour": "red"})
    assert books.calls() == []


def test_a_contact_that_is_too_long_for_a_change_is_named(books: Books) -> None:
    with pytest.raises(Unfit) as caught:
        books.gateway.update_relation(books.credentials, 1, {"contact": "x" * 51})
    assert caught.value.field == "contact"


def test_a_record_with_a_field_we_cannot_send_back_is_left_alone(connect: Connect, credentials: Credentials) -> None:
    row = "<cRelatie><ID>7</ID><Code>K7</Code><Peppol>0106:1</Peppol></cRelatie>"
    answer = http(answer_of("GetRelaties", f"<Relaties>{row}</Relaties>"))
    trick = by_the_book(GetRelaties=lambda connection: connection.send(answer))
    with raw_server(trick) as server, pytest.raises(BookkeepingError, match="Peppol"):
        connect(server.url).update_relation(credentials, 7, {"city": "Oudedijk"})
    assert "UpdateRelatie" not in server.operations()


def test_an_update_answer_of_another_operation_is_no_proof(connect: Connect, credentials: Credentials) -> None:
    # a record with nothing but what tells it apart can be written back, too
    row = http(answer_of("GetRelaties", "<Relaties><cRelatie><ID>7</ID><Code>K7</Code></cRelatie></Relaties>"))
    odd = http(answer_of("AddRelatie", "<Rel_ID>7</Rel_ID>"))

    tricks = {"GetRelaties": lambda c: c.send(row), "UpdateRelatie": lambda c: c.send(odd)}
    with raw_server(by_the_book(**tricks)) as server, pytest.raises(Unreachable, match="UpdateRelatie"):
        connect(server.url).update_relation(credentials, 7, {"city": "Oudedijk"})


def test_cost_centres_come_with_their_parent(books: Books) -> None:
    found = {centre.remote_id: centre for centre in books.gateway.cost_centers(books.credentials)}
    assert found
    assert all(centre.description for centre in found.values())
    assert any(centre.parent_id == 0 for centre in found.values())
    assert all(centre.parent_id == 0 or centre.parent_id in found for centre in found.values())


def test_the_invoices_of_a_relation_are_its_own_and_from_a_day_on(books: Books) -> None:
    code = next(row["Code"] for row in books.sandbox.relations("demo") if row["Code"] != "1001")
    theirs, other = draft(relation_code="1001"), draft(relation_code=code)
    old = draft(relation_code="1001", on=date(2025, 3, 1))
    for one in (theirs, other, old):
        assert books.post(one) == Posted(one.number)
    found = books.gateway.invoices_of(books.credentials, "1001", date(2026, 1, 1)).rows
    assert [invoice.number for invoice in found] == [theirs.number]
    assert found[0].lines[0].code == theirs.lines[0].code
    all_years = books.gateway.invoices_of(books.credentials, "1001", date(1980, 1, 1)).rows
    assert {invoice.number for invoice in all_years} == {theirs.number, old.number}


def test_the_invoices_of_nobody_are_none_and_ask_nothing(books: Books) -> None:
    assert books.gateway.invoices_of(books.credentials, " ", date(2026, 1, 1)).rows == ()
    assert books.calls() == []


def test_invoices_of_others_that_they_give_along_do_not_count(connect: Connect, credentials: Credentials) -> None:
    def listed(number: str, code: str, day: str) -> str:
        totals = "".join(f"<Totaal{name}>1</Totaal{name}>" for name in ("ExclBTW", "BTW", "InclBTW", "Openstaand"))
        return (
            f"<cFactuurList><Factuurnummer>{number}</Factuurnummer><Relatiecode>{code}</Relatiecode>"
            f"<Datum>{day}T00:00:00</Datum><Betalingstermijn>14</Betalingstermijn>{totals}</cFactuurList>"
        )

    rows = listed("A1", "70", "2026-02-01") + listed("A2", "701", "2026-02-01") + listed("A3", "70", "2025-12-31")
    answer = http(answer_of("GetFacturen", f"<Facturen>{rows}</Facturen>"))
    with raw_server(by_the_book(GetFacturen=lambda connection: connection.send(answer))) as server:
        found = connect(server.url).invoices_of(credentials, "70", date(2026, 1, 1)).rows
    assert [invoice.number for invoice in found] == ["A1"]

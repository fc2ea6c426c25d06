"""Characters that XML forbids, as their server writes them: in every answer and field, and what is made of them."""

from __future__ import annotations

import logging
import tracemalloc
from collections.abc import Callable

import pytest

from domain.outcome import Posted, Uncertain
from gateways.bookkeeping import Credentials, Odd, OddRow
from gateways.eboekhouden.answers import Unreadable, child_text, own, read_result, read_rows
from gateways.eboekhouden.cleaning import MOST_MARKS
from gateways.eboekhouden.contract_books import ContractBooks
from tests.gateways.conftest import Books, draft, soon
from tests.gateways.raw_server import answer_of, by_the_book, http, raw_server

Connect = Callable[..., ContractBooks]
# by reference, decimal and hexadecimal, and raw; surrogate, noncharacter, beyond Unicode, a byte that is no text
FORBIDDEN = [
    *(b"&#xB;", b"&#11;", b"&#x0;", b"&#x001F;", b"&#xD83D;", b"&#xFFFE;", b"&#x110000;", b"&#x1;&#x2;"),
    *(b"\x0b", b"\x00", b"\x1f", b"\xed\xa0\xbd", b"\xef\xbf\xbe", b"\xff"),
]
RELATION = "<cRelatie><ID>7</ID><Code>1001</Code><Bedrijf>Bakker@Zoon</Bedrijf><Notitie>x</Notitie></cRelatie>"


@pytest.mark.parametrize("bad", FORBIDDEN)
def test_each_becomes_a_space_in_a_list_and_in_a_single_answer(bad: bytes) -> None:
    content = answer_of("GetRelaties", f"<Relaties>{RELATION}</Relaties>").replace(b"@", bad)
    rows = read_rows(content, "GetRelaties", "cRelatie")
    assert rows.rows[0]["Bedrijf"] == "Bakker Zoon"
    assert rows.cleaned == {0}
    (record,) = read_result(content, "GetRelaties").element.iter(own("cRelatie"))
    assert child_text(record, "Bedrijf") == "Bakker Zoon"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
def test_it_is_found_in_other_encodings_too(encoding: str) -> None:
    inside = RELATION.replace("@", "&#xB;caf\u00e9 ")
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        + answer_of("GetRelaties", f"<Relaties>{inside}</Relaties>").decode()
    )
    rows = read_rows(text.encode(encoding), "GetRelaties", "cRelatie")
    assert rows.rows[0]["Bedrijf"] == "Bakker caf\u00e9 Zoon"


def test_what_is_no_xml_for_another_reason_stays_unreadable() -> None:
    whole = answer_of("GetRelaties", f"<Relaties>{RELATION}</Relaties>").replace(b"@", b"&#xB;")
    for broken in (whole[:-9], whole.replace(b"<Code>", b"<Code"), whole.replace(b"<Code>", b"<Co&#xB;de>")):
        with pytest.raises(Unreadable):
            read_rows(broken, "GetRelaties", "cRelatie")
        with pytest.raises(Unreadable):
            read_result(broken, "GetRelaties")


def test_no_field_of_any_list_makes_it_unreadable(books: Books) -> None:
    fields = [
        "Bedrijf",
        "Contactpersoon",
        "Adres",
        "Plaats",
        "Telefoon",
        "Email",
        "Notitie",
        "IBAN",
        "BTWNummer",
        "Def1",
    ]
    books.sandbox.relations("demo", {"add": [{"Code": "CTRL", **dict.fromkeys(fields, "a\x0bb")}]})
    found = books.gateway.relations(books.credentials)
    row = next(one for one in found.rows if one.code == "CTRL")
    assert (row.name, row.contact, row.address, row.email) == ("a b", "a b", "a b", "a b")
    assert found.odd == (OddRow("CTRL a b", Odd.CLEANED),)
    assert found.complete
    assert books.gateway.relation(books.credentials, "CTRL") == row


def test_a_relation_with_one_is_changed_and_what_cannot_be_written_back_is_a_space(books: Books) -> None:
    books.sandbox.relations("demo", {"add": [{"Code": "CTRL", "Bedrijf": "Bakker", "Notitie": "een\u000btwee"}]})
    there = books.gateway.relation(books.credentials, "CTRL")
    assert there is not None
    books.gateway.update_relation(books.credentials, there.remote_id, {"city": "Kruisdonk"})
    row = next(one for one in books.sandbox.relations("demo") if one["Code"] == "CTRL")
    assert (row["Plaats"], row["Notitie"]) == ("Kruisdonk", "een twee")


def test_an_invoice_with_one_can_be_looked_up(
    connect: Connect, credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    inside = (
        "<Facturen><cFactuurList><Factuurnummer>WB1</Factuurnummer><Relatiecode>7</Relatiecode>"
        "<Datum>2026-11-22T00:00:00</Datum><Betalingstermijn>14</Betalingstermijn><TotaalExclBTW>1</TotaalExclBTW>"
        "<TotaalBTW>0</TotaalBTW><TotaalInclBTW>1</TotaalInclBTW><TotaalOpenstaand>1</TotaalOpenstaand><Regels>"
        "<cFactuurRegel><Aantal>1</Aantal><Code>A</Code><Omschrijving>een&#xB;twee</Omschrijving>"
        "<PrijsPerEenheid>1</PrijsPerEenheid></cFactuurRegel></Regels></cFactuurList></Facturen>"
    )
    odd = by_the_book(GetFacturen=lambda c: c.send(http(answer_of("GetFacturen", inside))))
    with raw_server(odd) as server, caplog.at_level(logging.WARNING, "crafter.bookkeeping"):
        found = connect(server.url).find_invoice(credentials, "WB1")
    assert found is not None
    assert found.lines[0].description == "een twee"
    assert "Omschrijving of A" in caplog.text


@pytest.mark.parametrize(("said", "outcome"), [("{}", Posted), ("{}&#xB;", Uncertain)])
def test_an_answer_to_an_invoice_proves_it_only_with_the_very_number(
    connect: Connect, credentials: Credentials, said: str, outcome: type
) -> None:
    ours = draft()
    inside = f"<ErrorMsg>&#xB;</ErrorMsg><Factuurnummer>{said.format(ours.number)}</Factuurnummer>"
    odd = by_the_book(AddFactuur=lambda c: c.send(http(answer_of("AddFactuur", inside))))
    with raw_server(odd) as server:
        assert isinstance(connect(server.url).post_invoice(credentials, ours, soon()), outcome)


def test_an_answer_of_nothing_but_elements_is_refused_before_it_fills_the_memory(
    connect: Connect, credentials: Credentials
) -> None:
    for one in ("<a/>", "<a b=''/>", "<cRelatie><a/></cRelatie>"):
        content = answer_of("GetRelaties", one * MOST_MARKS)
        tracemalloc.start()
        for read in (
            lambda content: read_result(content, "GetRelaties"),
            lambda content: read_rows(content, "GetRelaties", "cRelatie"),
        ):
            with pytest.raises(Unreadable, match="te groot om te lezen"):
                read(content)
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
        tracemalloc.stop()


def test_a_code_of_zero_is_none(connect: Connect, credentials: Credentials) -> None:
    ours = draft()
    inside = f"<ErrorMsg><LastErrorCode>0</LastErrorCode></ErrorMsg><Factuurnummer>{ours.number}</Factuurnummer>"
    odd = by_the_book(AddFactuur=lambda c: c.send(http(answer_of("AddFactuur", inside))))
    with raw_server(odd) as server:
        assert connect(server.url).post_invoice(credentials, ours, soon()) == Posted(ours.number)

"""Reading: relations, articles, ledger accounts, the administration and one invoice, against the real sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.outcome import Posted
from gateways.bookkeeping import (
    Busy,
    Credentials,
    CredentialsRefused,
    Declined,
    Odd,
    OddRow,
    RemoteArticle,
    Secret,
    Unreachable,
)
from gateways.eboekhouden import mapping
from gateways.eboekhouden.answers import read_rows
from gateways.eboekhouden.contract_books import ContractBooks
from gateways.eboekhouden.records import known, mapped
from tests.gateways.conftest import Books, draft
from tests.gateways.raw_server import Connection, answer_of, by_the_book, envelope, http, raw_server

Connect = Callable[..., ContractBooks]
READS = {
    "GetRelaties": lambda gateway, who: gateway.relations(who),
    "GetArtikelen": lambda gateway, who: gateway.articles(who),
    "GetGrootboekrekeningen": lambda gateway, who: gateway.ledger_accounts(who),
    "GetAdministraties": lambda gateway, who: gateway.administration(who),
    "GetKostenplaatsen": lambda gateway, who: gateway.cost_centers(who),
    "GetFacturen": lambda gateway, who: gateway.find_invoice(who, "WB1"),
    "GetOpenPosten": lambda gateway, who: gateway.open_items(who),
}


def test_the_administration_has_its_name(books: Books) -> None:
    assert books.gateway.administration(books.credentials) == "Demobedrijf Waterveen"


def test_relations_come_with_every_field(books: Books) -> None:
    found = books.gateway.relations(books.credentials)
    theirs = {row["Code"]: row for row in books.sandbox.relations("demo")}
    assert found.complete
    assert len(found.rows) == len(theirs) > 1
    for relation in found.rows:
        row = theirs[relation.code]
        assert relation.remote_id == row["ID"]
        assert relation.is_company == (row["BP"] == "B")
        ours = (
            relation.name,
            relation.contact,
            relation.address,
            relation.postcode,
            relation.city,
            relation.country,
            relation.phone,
            relation.mobile,
            relation.email,
            relation.vat_number,
            relation.coc_number,
            relation.iban,
        )
        names = "Bedrijf Contactpersoon Adres Postcode Plaats Land Telefoon GSM Email BTWNummer KvkNummer IBAN"
        assert ours == tuple((row.get(name) or "").strip() for name in names.split())
    assert {relation.is_company for relation in found.rows} == {True, False}


def test_articles_come_with_price_unit_vat_and_ledger(books: Books) -> None:
    found = books.gateway.articles(books.credentials)
    assert found.complete
    labour = next(article for article in found.rows if article.code == "ARBEID")
    assert labour == RemoteArticle(
        remote_id=labour.remote_id,
        code="ARBEID",
        description="Arbeid",
        unit="uur",
        price=Decimal("60.00"),
        vat_code="high",
        ledger_code="8000",
        active=True,
    )
    assert labour.remote_id > 0


def test_ledger_accounts_come_with_their_category(books: Books) -> None:
    found = {account.code: account for account in books.gateway.ledger_accounts(books.credentials)}
    assert (found["8000"].description, found["8000"].category) == ("Omzet", "profit_and_loss")
    assert len(found) > 3


def test_an_unknown_number_is_none_and_one_that_only_begins_alike_too(books: Books) -> None:
    ours = draft(number="WB2026-00011")
    assert books.post(ours) == Posted(ours.number)
    assert books.gateway.find_invoice(books.credentials, "WB2026-0001") is None
    assert books.gateway.find_invoice(books.credentials, "WB2026-00011") is not None


def test_only_the_exact_number_counts_in_what_they_give(connect: Connect, credentials: Credentials) -> None:
    def found(number: str) -> str:
        return (
            f"<cFactuurList><Factuurnummer>{number}</Factuurnummer><Relatiecode>7</Relatiecode>"
            "<Datum>2026-11-22T00:00:00</Datum><Betalingstermijn>14</Betalingstermijn>"
            "<TotaalExclBTW>19.5</TotaalExclBTW><TotaalBTW>4.1000000000000005</TotaalBTW>"
            "<TotaalInclBTW>23.6</TotaalInclBTW><TotaalOpenstaand>1E1</TotaalOpenstaand></cFactuurList>"
        )

    rows = answer_of("GetFacturen", f"<Facturen>{found('WB11')}{found('WB1')}{found('xWB1')}</Facturen>")
    with raw_server(by_the_book(GetFacturen=lambda c: c.send(http(rows)))) as server:
        invoice = connect(server.url).find_invoice(credentials, "WB1")
    assert invoice is not None
    assert invoice.number == "WB1"
    assert [invoice.excl, invoice.vat, invoice.incl, invoice.open] == [
        Decimal("19.50"),
        Decimal("4.10"),
        Decimal("23.60"),
        Decimal("10.00"),
    ]
    assert invoice.lines == ()


def test_other_totals_are_shown_as_they_are(books: Books) -> None:
    ours = draft()
    books.post(ours)
    books.sandbox.mischief("demo", [{"kind": "other_totals"}])
    theirs = books.gateway.find_invoice(books.credentials, ours.number)
    assert theirs is not None
    assert theirs.excl == ours.totals.excl + Decimal("0.01")


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(
    "kind", ["lost_answer", "reset_mid", "empty_200", "http_500_fault", "html_503", "truncated_xml", "redirect"]
)
def test_a_read_without_a_whole_answer_is_unreachable(
    books: Books, operation: str, kind: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("counted", "cases of mischief")
    books.sandbox.mischief("demo", [{"kind": kind, "operation": operation}])
    with pytest.raises(Unreachable):
        READS[operation](books.gateway, books.credentials)


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(
    "content",
    [
        answer_of("AddFactuur", ""),
        envelope('<{0}Response xmlns="http://www.e-boekhouden.nl/soap"/>'),
        envelope(""),
        b"<html><body>Alles is in orde</body></html>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + answer_of("{0}", ""),
    ],
)
def test_a_read_takes_nothing_for_an_empty_list_but_an_empty_list(
    connect: Connect, credentials: Credentials, operation: str, content: bytes
) -> None:
    body = content.replace(b"{0}", operation.encode())
    odd = {operation: lambda connection: connection.send(http(body))}
    with raw_server(by_the_book(**odd)) as server, pytest.raises(Unreachable):
        READS[operation](connect(server.url), credentials)


@pytest.mark.parametrize("operation", READS)
def test_a_read_of_an_empty_list_is_empty(connect: Connect, credentials: Credentials, operation: str) -> None:
    with raw_server(by_the_book()) as server:
        found = READS[operation](connect(server.url), credentials)
    assert not getattr(found, "rows", found)


def test_a_business_error_is_declined_with_their_words(books: Books) -> None:
    books.sandbox.mischief(
        "demo", [{"kind": "refuse", "operation": "GetFacturen", "code": "E003.1", "text": "Te veel"}]
    )
    with pytest.raises(Declined) as caught:
        books.gateway.find_invoice(books.credentials, "WB1")
    assert (caught.value.code, caught.value.text) == ("E003.1", "Te veel")


def test_refused_credentials_say_so(books: Books) -> None:
    wrong = replace(books.credentials, code1=Secret("x"))
    with pytest.raises(CredentialsRefused) as caught:
        books.gateway.ready(wrong)
    assert caught.value.code == "E001.1"
    assert books.gateway.explain(caught.value.code) is not None


def test_a_read_is_unreachable_when_nobody_listens(connect: Connect, credentials: Credentials) -> None:
    with pytest.raises(Unreachable, match="geen verbinding"):
        connect("http://127.0.0.1:1/soap.asmx").relations(credentials)


def test_a_row_that_cannot_be_read_is_named_and_keeps_nobody_from_the_rest(
    connect: Connect, credentials: Credentials
) -> None:
    good = "<cRelatie><ID>2</ID><Code>1002</Code><Bedrijf>Bakker</Bedrijf></cRelatie>"
    bad = "<cRelatie><ID>een</ID><Code>1001</Code><Bedrijf>Slager</Bedrijf></cRelatie>"
    without_price = "<cArtikel><ArtikelID>7</ArtikelID><ArtikelCode>A7</ArtikelCode></cArtikel>"
    odd = {
        "GetRelaties": lambda c: c.send(http(answer_of("GetRelaties", f"<Relaties>{bad}{good}</Relaties>"))),
        "GetArtikelen": lambda c: c.send(http(answer_of("GetArtikelen", f"<Artikelen>{without_price}</Artikelen>"))),
    }
    with raw_server(by_the_book(**odd)) as server:
        gateway = connect(server.url)
        relations = gateway.relations(credentials)
        articles = gateway.articles(credentials)
        assert [row.code for row in relations.rows] == ["1002"]
        assert (relations.complete, relations.odd) == (False, (OddRow("1001 Slager", Odd.UNREADABLE),))
        assert (articles.rows, articles.odd) == ((), (OddRow("A7", Odd.UNREADABLE),))
        assert gateway.relation(credentials, "1002") is not None
        with pytest.raises(Unreachable):  # it may be the one that cannot be read
            gateway.relation(credentials, "1001")


def test_an_article_with_a_vat_code_of_before_has_todays_and_is_named(
    connect: Connect, credentials: Credentials
) -> None:
    def article(number: int, vat_code: str) -> str:
        return (
            f"<cArtikel><ArtikelID>{number}</ArtikelID><ArtikelCode>A{number}</ArtikelCode>"
            f"<VerkoopprijsExclBTW>1</VerkoopprijsExclBTW><BTWCode>{vat_code}</BTWCode></cArtikel>"
        )

    codes = ["LAAG_VERK", "HOOG_VERK", "GEEN", "HOOG_VERK_21", "HOOG_INK"]
    inside = "".join(article(number, code) for number, code in enumerate(codes, 1))
    rows = http(answer_of("GetArtikelen", f"<Artikelen>{inside}</Artikelen>"))
    with raw_server(by_the_book(GetArtikelen=lambda c: c.send(rows))) as server:
        found = connect(server.url).articles(credentials)
    assert [row.vat_code for row in found.rows] == ["low", "high", "none", "high", "HOOG_INK"]
    assert found.odd == (OddRow("A1", Odd.FORMER_VAT), OddRow("A2", Odd.FORMER_VAT))
    assert found.complete


@pytest.mark.parametrize(("said", "company"), [("B", True), ("b", True), ("P", False), ("p", False), ("", False)])
def test_the_kind_of_a_relation_is_read_in_either_case(
    connect: Connect, credentials: Credentials, said: str, company: bool
) -> None:
    row = f"<Relaties><cRelatie><ID>2</ID><Code>1002</Code><BP>{said}</BP></cRelatie></Relaties>"
    with raw_server(by_the_book(GetRelaties=lambda c: c.send(http(answer_of("GetRelaties", row))))) as server:
        assert connect(server.url).relations(credentials).rows[0].is_company is company


def test_a_list_may_be_larger_than_another_answer(connect: Connect, credentials: Credentials) -> None:
    name = "x" * 9000
    several = [f"<cRelatie><ID>{n}</ID><Code>K{n}</Code><Bedrijf>{name}</Bedrijf></cRelatie>" for n in range(1000)]
    rows = http(answer_of("GetRelaties", f"<Relaties>{''.join(several)}</Relaties>"))

    def big(connection: Connection) -> None:
        connection.send(rows)

    with raw_server(by_the_book(GetRelaties=big, GetFacturen=big)) as server:
        gateway = connect(server.url)
        assert len(gateway.relations(credentials).rows) == 1000
        with pytest.raises(Unreachable, match="groter dan"):
            gateway.find_invoice(credentials, "WB1")


def test_reads_do_not_wait_for_ever_in_a_full_house(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, max_calls=1)
    with gateway._wire.place(9, "GetRelaties"), pytest.raises(Busy):
        gateway.relations(books.credentials)


def test_a_row_that_a_search_has_already_is_not_taken_apart_again() -> None:
    rows = "".join(
        f"<cRelatie><ID>{n}</ID><Code>{n}</Code><Bedrijf>Nu {n}</Bedrijf></cRelatie>" for n in ("7", "8", "x")
    )
    content = answer_of("GetRelaties", f"<Relaties>{rows}</Relaties>")
    first = mapping.relation_in({"ID": "7", "Bedrijf": "Eerst"})
    seen = {7: first}
    answer = read_rows(content, "GetRelaties", "cRelatie", known(seen, "ID"))
    assert ([row["ID"] for row in answer.rows], answer.known) == (["8", "x"], ("7",))
    part = mapped(answer, mapping.relation_in, seen=seen)
    assert [row.name for row in part.rows] == ["Eerst", "Nu 8"]
    assert (part.size, part.odd) == (3, (OddRow("x Nu x", Odd.UNREADABLE),))

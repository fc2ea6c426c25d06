"""Their words and ours: invoices out, relations, articles, ledger accounts and invoices in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice
from gateways.bookkeeping import LedgerAccount, RemoteArticle, RemoteRelation
from gateways.eboekhouden.answers import children, own

MakeType = Callable[..., Any]

_CENTS = Decimal("0.01")
_FINE = Decimal("0.0001")  # quantities and prices are kept in four decimals
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def invoice_out(make: Callable[[str], MakeType], draft: InvoiceDraft) -> Any:
    """The draft as cFactuur; `make` gives zeep's class of a type, which refuses a misspelt field."""
    line_type, lines_type = make("cFactuurRegel"), make("ArrayOfCFactuurRegel")
    lines = [
        line_type(
            Aantal=plain(line.quantity),
            Eenheid=clean(line.unit),
            Code=clean(line.code),
            Omschrijving=clean(line.description),
            PrijsPerEenheid=plain(line.price),
            BTWCode=clean(line.vat_code),
            TegenrekeningCode=clean(line.ledger_code),
            KostenplaatsID=0,
        )
        for line in draft.lines
    ]
    on = midnight(draft.on)
    # "All tags must be present" (their manual): unused goes out empty, false, 0 or as the invoice's date
    return make("cFactuur")(
        Factuurnummer=clean(draft.number),
        Relatiecode=clean(draft.relation_code),
        Datum=on,
        Betalingstermijn=draft.term_days,
        Factuursjabloon=clean(draft.template),
        PerEmailVerzenden=False,
        EmailOnderwerp="",
        EmailBericht="",
        EmailVanAdres="",
        EmailVanNaam="",
        AutomatischeIncasso=False,
        IncassoIBAN="",
        IncassoMachtigingSoort="",
        IncassoMachtigingID="",
        IncassoMachtigingDatumOndertekening=on,
        IncassoMachtigingFirst=False,
        IncassoRekeningNummer="",
        IncassoTnv="",
        IncassoPlaats="",
        IncassoOmschrijvingRegel1="",
        IncassoOmschrijvingRegel2="",
        IncassoOmschrijvingRegel3="",
        InBoekhoudingPlaatsen=False,
        BoekhoudmutatieOmschrijving="",
        Regels=lines_type(cFactuurRegel=lines),
    )


def invoice_filter(make: Callable[[str], MakeType], number: str) -> Any:
    """cFactuurFilter for one number over all the years they accept."""
    return make("cFactuurFilter")(
        Factuurnummer=clean(number),
        Relatiecode="",
        DatumVan=midnight(date(1980, 1, 1)),
        DatumTm=midnight(date(2049, 12, 31)),
    )


def relation_filter(make: Callable[[str], MakeType]) -> Any:
    """cRelatieFilter for all relations."""
    return make("cRelatieFilter")(Trefwoord="", Code="", ID=0)


def article_filter(make: Callable[[str], MakeType]) -> Any:
    """cArtikelFilter for all articles."""
    return make("cArtikelFilter")(
        ArtikelID=0, ArtikelOmschrijving="", ArtikelCode="", GroepOmschrijving="", GroepCode=""
    )


def ledger_filter(make: Callable[[str], MakeType]) -> Any:
    """cGrootboekrekeningFilter for all ledger accounts."""
    return make("cGrootboekrekeningFilter")(ID=0, Code="", Categorie="")


def relation_in(row: Mapping[str, str]) -> RemoteRelation:
    """A cRelatie row. Raises ValueError when its ID is no number."""
    return RemoteRelation(
        remote_id=int(row["ID"]),
        code=row.get("Code", ""),
        name=row.get("Bedrijf", ""),
        is_company=row.get("BP", "") == "B",
        contact=row.get("Contactpersoon", ""),
        address=row.get("Adres", ""),
        postcode=row.get("Postcode", ""),
        city=row.get("Plaats", ""),
        country=row.get("Land", ""),
        phone=row.get("Telefoon", ""),
        mobile=row.get("GSM", ""),
        email=row.get("Email", ""),
        vat_number=row.get("BTWNummer", ""),
        coc_number=row.get("KvkNummer", ""),
        iban=row.get("IBAN", ""),
    )


def article_in(row: Mapping[str, str]) -> RemoteArticle:
    """A cArtikel row. Raises ValueError when a number is none."""
    return RemoteArticle(
        remote_id=int(row["ArtikelID"]),
        code=row.get("ArtikelCode", ""),
        description=row.get("ArtikelOmschrijving", ""),
        unit=row.get("Eenheid", ""),
        price=amount(row.get("VerkoopprijsExclBTW", ""), _FINE),
        vat_code=row.get("BTWCode", ""),
        ledger_code=row.get("TegenrekeningCode", ""),
        active=row.get("Actief", "").lower() in ("true", "1"),
    )


def ledger_in(row: Mapping[str, str]) -> LedgerAccount:
    """A cGrootboekrekening row. Raises ValueError when its ID is no number."""
    return LedgerAccount(
        remote_id=int(row["ID"]),
        code=row.get("Code", ""),
        description=row.get("Omschrijving", ""),
        category=row.get("Categorie", ""),
    )


def invoice_in(found: Any) -> RemoteInvoice:
    """A cFactuurList element. Raises ValueError when an amount or the date is none."""
    fields = children(found)
    return RemoteInvoice(
        number=fields.get("Factuurnummer", ""),
        relation_code=fields.get("Relatiecode", ""),
        on=date.fromisoformat(fields.get("Datum", "")[:10]),
        term_days=int(fields.get("Betalingstermijn", "")),
        excl=amount(fields.get("TotaalExclBTW", ""), _CENTS),
        vat=amount(fields.get("TotaalBTW", ""), _CENTS),
        incl=amount(fields.get("TotaalInclBTW", ""), _CENTS),
        open=amount(fields.get("TotaalOpenstaand", ""), _CENTS),
        lines=tuple(_line_in(children(line)) for line in found.iterfind(f"{own('Regels')}/{own('cFactuurRegel')}")),
    )


def _line_in(line: Mapping[str, str]) -> InvoiceLine:
    return InvoiceLine(
        code=line.get("Code", ""),
        description=line.get("Omschrijving", ""),
        quantity=amount(line.get("Aantal", ""), _FINE),
        unit=line.get("Eenheid", ""),
        price=amount(line.get("PrijsPerEenheid", ""), _FINE),
        vat_code=line.get("BTWCode", ""),
        ledger_code=line.get("TegenrekeningCode", ""),
    )


def plain(number: Decimal) -> str:
    """A decimal as they want it: point, no exponent. TypeError for a float, ValueError for no number."""
    if not isinstance(number, Decimal):
        raise TypeError(f"an amount must be a Decimal, not {type(number).__name__}")
    if not number.is_finite():
        raise ValueError("an amount must be finite")
    return format(number, "f")


def amount(theirs: str, step: Decimal) -> Decimal:
    """Their double or decimal as a Decimal rounded to `step`. Raises ValueError when it is no number."""
    try:
        number = Decimal(theirs).quantize(step, rounding=ROUND_HALF_UP)
    except ArithmeticError:
        raise ValueError("no amount") from None
    if not number.is_finite():
        raise ValueError("no amount")
    return number


def midnight(day: date) -> datetime:
    """A date as they want it: a naive dateTime (a zone would shift the day)."""
    return datetime.combine(day, time())


def clean(text: str) -> str:
    """The text without the control characters that XML cannot carry."""
    return _NOT_XML.sub("", text)

"""Their words and ours: invoices out, relations, articles, ledger accounts and invoices in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from domain import ledger, vat
from domain.calendar import FIRST_YEAR, LAST_YEAR
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice
from domain.limits import field_note
from domain.notes import note
from domain.relation import RelationDetails
from gateways.bookkeeping import LedgerAccount, OpenItem, RemoteArticle, RemoteRelation, Unfit
from gateways.eboekhouden import limits
from gateways.eboekhouden.answers import children, own
from gateways.eboekhouden.cleaning import without_marks

MakeType = Callable[..., Any]

_CENTS = Decimal("0.01")
_FINE = Decimal("0.0001")  # quantities and prices are kept in four decimals
_BEYOND = {_CENTS: Decimal(10) ** 13, _FINE: Decimal(10) ** 8}  # for what is larger no column has room
FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
_OF_A_RELATION = {
    "code": "Code",
    "name": "Bedrijf",
    "contact": "Contactpersoon",
    "address": "Adres",
    "postcode": "Postcode",
    "city": "Plaats",
    "country": "Land",
    "phone": "Telefoon",
    "mobile": "GSM",
    "email": "Email",
    "vat_number": "BTWNummer",
    "coc_number": "KvkNummer",
    "iban": "IBAN",
}
# ours: theirs. They have more codes, of purchases and of former rates; those have no name of ours
_VAT = {
    vat.HIGH: "HOOG_VERK_21",
    vat.LOW: "LAAG_VERK_9",
    vat.NO_VAT: "GEEN",
    vat.REVERSE_HIGH: "VERL_VERK",
    vat.REVERSE_LOW: "VERL_VERK_L9",
    vat.EXPORT: "BU_EU_VERK",
    vat.EU_GOODS: "BI_EU_VERK",
    vat.EU_SERVICES: "BI_EU_VERK_D",
    vat.EU_DISTANCE: "AFST_VERK",
}
_OUR_VAT = {theirs: ours for ours, theirs in _VAT.items()}
# rates of before have codes of their own, which an article may still carry: by the manual the low one is 9 % by now
_FORMER_VAT = {"HOOG_VERK": vat.HIGH, "LAAG_VERK": vat.LOW}
_CATEGORIES = {
    "VW": ledger.PROFIT_AND_LOSS,
    "BAL": ledger.BALANCE,
    "FIN": ledger.MONEY,
    "DEB": ledger.RECEIVABLE,
    "CRED": ledger.PAYABLE,
} | dict.fromkeys(("AF19", "AF6", "AFOVERIG", "VOOR", "BTWRC"), ledger.VAT)
_NUMBERS_OF_A_RELATION = ("ID", "Gb_ID", "GeenEmail", "NieuwsbriefgroepenCount")


def vat_in(code: str) -> str:
    """Our name of a VAT code of theirs; one that has none comes back as it is."""
    return _OUR_VAT.get(code, code)


def invoice_out(make: Callable[[str], MakeType], draft: InvoiceDraft) -> Any:
    """The draft as cFactuur; `make` gives zeep's class of a type, which refuses a misspelt field.

    Raises Unfit, TypeError or ValueError when the draft does not fit.
    """
    _check_invoice(draft)
    line_type, lines_type = make("cFactuurRegel"), make("ArrayOfCFactuurRegel")
    lines = [
        line_type(
            Aantal=plain(line.quantity),
            Eenheid=line.unit,
            Code=line.code,
            Omschrijving=line.description,
            PrijsPerEenheid=plain(line.price),
            BTWCode=_VAT.get(line.vat_code, line.vat_code),
            TegenrekeningCode=line.ledger_code,
            KostenplaatsID=0,
        )
        for line in draft.lines
    ]
    on = midnight(draft.on)
    # "All tags must be present" (their manual): unused goes out empty, false, 0 or as the invoice's date
    return make("cFactuur")(
        Factuurnummer=draft.number,
        Relatiecode=draft.relation_code,
        Datum=on,
        Betalingstermijn=draft.term_days,
        Factuursjabloon=draft.template,
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


def _check_invoice(draft: InvoiceDraft) -> None:
    limits.check(*((name, said, getattr(draft, name), most) for name, (said, most) in limits.INVOICE.items()))
    for place, line in enumerate(draft.lines, 1):
        for name, (said, most) in limits.LINE.items():
            field = note("unfit.line", n=place, field=field_note(name, said))
            limits.check((name, field, getattr(line, name), most))


def invoice_filter(
    make: Callable[[str], MakeType],
    number: str = "",
    relation: str = "",
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
) -> Any:
    """cFactuurFilter for a number, a relation's code, or a period; an empty condition is none.

    No manual says whether the days that a filter names count, so a period asks for the day before and after as well.
    """
    day = timedelta(days=1)
    return make("cFactuurFilter")(
        Factuurnummer=number,
        Relatiecode=relation,
        DatumVan=midnight(max(first, FIRST_DAY + day) - day),
        DatumTm=midnight(min(last, LAST_DAY - day) + day),
    )


def relation_filter(make: Callable[[str], MakeType], word: str = "", code: str = "", remote_id: int = 0) -> Any:
    """cRelatieFilter; an empty condition is none."""
    return make("cRelatieFilter")(Trefwoord=word, Code=code, ID=remote_id)


def article_filter(make: Callable[[str], MakeType], word: str = "", code: str = "") -> Any:
    """cArtikelFilter; an empty condition is none."""
    return make("cArtikelFilter")(
        ArtikelID=0, ArtikelOmschrijving=word, ArtikelCode=code, GroepOmschrijving="", GroepCode=""
    )


def cost_center_filter(make: Callable[[str], MakeType]) -> Any:
    """cKostenplaatsFilter for all cost centres."""
    return make("cKostenplaatsFilter")(KostenplaatsID=0, KostenplaatsParentID=0, Omschrijving="")


def ledger_filter(make: Callable[[str], MakeType]) -> Any:
    """cGrootboekrekeningFilter for all ledger accounts."""
    return make("cGrootboekrekeningFilter")(ID=0, Code="", Categorie="")


def known_by(row: Mapping[str, str]) -> str:
    """What a person knows a record by: its code and its name, as far as they are there."""
    code = row.get("Code") or row.get("ArtikelCode") or row.get("ID") or row.get("ArtikelID") or ""
    name = row.get("Bedrijf") or row.get("ArtikelOmschrijving") or row.get("Omschrijving") or ""
    return f"{code} {name}".strip()[:60]


def relation_in(row: Mapping[str, str]) -> RemoteRelation:
    """A cRelatie row. Raises ValueError when its ID is no number."""
    texts = {ours: row.get(theirs, "") for ours, theirs in _OF_A_RELATION.items()}
    return RemoteRelation(remote_id=int(row["ID"]), is_company=row.get("BP", "").upper() == "B", **texts)


def relation_out(make: Callable[[str], MakeType], relation: RelationDetails, today: date) -> Any:
    """A new relation as cRelatie. Raises Unfit with the field."""
    texts: dict[str, str] = {name: text for name, text in asdict(relation).items() if name != "is_company"}
    limits.check_relation(texts.items())
    theirs = make("cRelatie")
    # "All tags must be present" (their manual): unused goes out empty or 0
    whole: dict[str, Any] = dict.fromkeys(field_names(theirs), "") | dict.fromkeys(_NUMBERS_OF_A_RELATION, 0)
    whole |= {"AddDatum": midnight(today), "LA": "0", "BP": "B" if relation.is_company else "P"}
    return theirs(**whole | {_OF_A_RELATION[name]: text for name, text in texts.items()})


def check_changes(changes: Mapping[str, str | bool]) -> None:
    """Check changes by our field names. Raises Unfit with the field; ValueError for a field that is none."""
    limits.check_relation([(name, str(text)) for name, text in changes.items() if name != "is_company"])


def changed_relation(make: Callable[[str], MakeType], found: Any, changes: Mapping[str, str | bool]) -> Any:
    """A cRelatie element as it was read, with `changes` (by our field names) in it, ready to be written back whole.

    Raises Unfit when it holds something that their description does not know: writing back would lose that.
    """
    theirs = make("cRelatie")
    was = {child.tag.rpartition("}")[2]: without_marks(child.text or "") for child in found.iterchildren(tag="{*}*")}
    unknown = sorted(set(was) - set(field_names(theirs)))
    if unknown:
        raise Unfit(note("unfit.unknown", names=", ".join(unknown)))
    for name, value in changes.items():
        if name == "is_company":
            was["BP"] = "B" if value else "P"
        else:
            was[_OF_A_RELATION[name]] = str(value)
    # what must be there but was not: a number is 0, and the day is "ignored" (their manual)
    needed = {name: was.get(name) or "0" for name in _NUMBERS_OF_A_RELATION}
    return theirs(**was | needed | {"AddDatum": was.get("AddDatum") or midnight(FIRST_DAY)})


def field_names(theirs: MakeType) -> list[str]:
    """The field names of one of zeep's classes."""
    return [name for name, _ in theirs.elements]  # type: ignore[attr-defined]


def article_in(row: Mapping[str, str]) -> RemoteArticle:
    """A cArtikel row. Raises ValueError when a number is none."""
    return RemoteArticle(
        remote_id=int(row["ArtikelID"]),
        code=row.get("ArtikelCode", ""),
        description=row.get("ArtikelOmschrijving", ""),
        unit=row.get("Eenheid", ""),
        price=amount(row.get("VerkoopprijsExclBTW", ""), _FINE),
        vat_code=_FORMER_VAT.get(row.get("BTWCode", "")) or vat_in(row.get("BTWCode", "")),
        ledger_code=row.get("TegenrekeningCode", ""),
        active=row.get("Actief", "").lower() in ("true", "1"),
    )


def former_vat(row: Mapping[str, str]) -> bool:
    """Whether an article has a VAT code of before."""
    return row.get("BTWCode", "") in _FORMER_VAT


def ledger_in(row: Mapping[str, str]) -> LedgerAccount:
    """A cGrootboekrekening row."""
    return LedgerAccount(
        code=row.get("Code", ""),
        description=row.get("Omschrijving", ""),
        category=_CATEGORIES.get(row.get("Categorie", ""), ledger.OTHER),
    )


def invoice_in(found: Any) -> RemoteInvoice:
    """A cFactuurList element. Raises ValueError when an amount or the date is none."""
    fields = children(found)
    return RemoteInvoice(
        number=fields.get("Factuurnummer", ""),
        relation_code=fields.get("Relatiecode", ""),
        on=date.fromisoformat(fields.get("Datum", "")[:10]),
        term_days=int(fields.get("Betalingstermijn") or 0),
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
        vat_code=vat_in(line.get("BTWCode", "")),
        ledger_code=line.get("TegenrekeningCode", ""),
    )


def open_item_in(row: Mapping[str, str]) -> OpenItem:
    """A cOpenPost row. Raises ValueError when an amount or the date is none."""
    return OpenItem(
        number=row.get("MutFactuur", ""),
        relation_code=row.get("RelCode", ""),
        on=date.fromisoformat(row.get("MutDatum", "")[:10]),
        total=amount(row.get("Bedrag", ""), _CENTS),
        paid=amount(row.get("Voldaan", ""), _CENTS),
        open=amount(row.get("Openstaand", ""), _CENTS),
    )


def plain(number: Decimal) -> str:
    """A decimal as they want it: point, no exponent. TypeError for a float, ValueError for no number."""
    if not isinstance(number, Decimal):
        raise TypeError(f"an amount must be a Decimal, not {type(number).__name__}")
    if not number.is_finite():
        raise ValueError("an amount must be finite")
    return format(number, "f")


def amount(theirs: str, step: Decimal) -> Decimal:
    """Their double or decimal as a Decimal rounded to `step`. Raises ValueError when it is no number, or larger than
    what we keep of that kind."""
    try:
        number = Decimal(theirs).quantize(step, rounding=ROUND_HALF_UP)
    except ArithmeticError:
        raise ValueError("no amount") from None
    if not number.is_finite() or abs(number) >= _BEYOND[step]:
        raise ValueError("no amount")
    return number


def midnight(day: date) -> datetime:
    """A date as they want it: a naive dateTime (a zone would shift the day)."""
    return datetime.combine(day, time())

"""What their fields hold, by their manual: checked before anything is sent, and never cut. One table, with the source
of each row; pre-flight, forms and explanations read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.limits import INVOICE_FIELDS, LINE_FIELDS, Limits, field_note, too_long, unsendable
from domain.message import Message
from domain.notes import note
from domain.relation import SAID
from gateways.bookkeeping import Unfit

_TABLE = "field table of 5.5 and 5.7"
_BOTH = "field table and code list of 5.7"
_CONTACT = "CREL03 and the tables of changing and importing say 50, the table of adding says 150: the careful 50"
_EMAIL = "both tables say 150, CREL16 says 50: 150 is sent, and above 50 there is a warning"
_SEEN = "in no manual: what OutSmart found"


@dataclass(frozen=True)
class Row:
    """One field of theirs: our name of it (empty: we never send it), how many characters it holds, from how many on it
    may be refused all the same (0: never), the code that refuses a longer one, and where that stands."""

    ours: str
    theirs: str
    longest: int
    code: str
    source: str = _BOTH
    doubtful: int = 0


RELATION = (
    Row("code", "Code", 15, "CREL01"),
    Row("name", "Bedrijf", 100, "CREL02"),
    Row("contact", "Contactpersoon", 50, "CREL03", _CONTACT),
    Row("", "Geslacht", 1, "CREL04"),
    Row("address", "Adres", 150, "CREL05"),
    Row("postcode", "Postcode", 50, "CREL06"),
    Row("city", "Plaats", 50, "CREL07"),
    Row("country", "Land", 50, "CREL08"),
    Row("", "Adres2", 150, "CREL09"),
    Row("", "Postcode2", 50, "CREL10"),
    Row("", "Plaats2", 50, "CREL11"),
    Row("", "Land2", 50, "CREL12"),
    Row("phone", "Telefoon", 50, "CREL13"),
    Row("mobile", "GSM", 50, "CREL14"),
    Row("", "FAX", 50, "CREL15"),
    Row("email", "Email", 150, "CREL16", _EMAIL, doubtful=50),
    Row("", "Site", 50, "CREL17"),
    Row("", "Bankrekening", 50, "CREL18"),
    Row("", "Girorekening", 50, "CREL19"),
    Row("vat_number", "BTWNummer", 50, "CREL20"),
    Row("coc_number", "KvkNummer", 50, "CREL21"),
    Row("", "Aanhef", 50, "CREL22"),
    Row("iban", "IBAN", 50, "CREL23"),
    Row("", "BIC", 50, "CREL24"),
    Row("is_company", "BP", 1, "CREL25"),
    *(Row("", f"Def{n}", 100, f"CREL{26 + n}") for n in range(1, 11)),
)
# a text of an invoice that is too long has no code of its own: what they do with it is not published
OF_INVOICES = (
    Row("number", "Factuurnummer", 50, "", _TABLE),
    Row("relation_code", "Relatiecode", 15, "", _TABLE),
    Row("template", "Factuursjabloon", 50, "", _TABLE),
)
OF_LINES = (
    Row("unit", "Eenheid", 50, "", _TABLE),
    Row("code", "Code", 50, "", _TABLE),
    Row("vat_code", "BTWCode", 12, "", _TABLE),
    Row("ledger_code", "TegenrekeningCode", 10, "", _TABLE),
)
MOST_ROWS = 2000, _SEEN
MOST_LINES = 100, _TABLE


def _longest(rows: Iterable[Row]) -> dict[str, int]:
    return {row.ours: row.longest for row in rows if row.ours and row.ours != "is_company"}


ALL = Limits(
    rows=MOST_ROWS[0],
    lines=MOST_LINES[0],
    invoice=_longest(OF_INVOICES),
    line=_longest(OF_LINES),
    relation=_longest(RELATION),
    doubtful={row.ours: row.doubtful for row in RELATION if row.doubtful},
)
# how a field is called on the screen, and how many characters it holds
INVOICE = {name: (said, ALL.invoice.get(name)) for name, said in INVOICE_FIELDS.items()}
LINE = {name: (said, ALL.line.get(name)) for name, said in LINE_FIELDS.items()}

_REQUIRED = ("code", "name")

Check = tuple[str, str | Message, str, int | None]


def check_relation(values: Iterable[tuple[str, str]]) -> None:
    """Check (our field name, text) pairs. Raises Unfit with the field; ValueError for a field that is none."""
    for name, text in values:
        if name not in ALL.relation:
            raise ValueError(f"a relation has no field {name!r}")
        if name in _REQUIRED and not text.strip():
            raise Unfit(note("unfit.missing", field=field_note(name)), name)
        check((name, SAID[name], text, ALL.relation[name]))


def check(*fields: Check) -> None:
    """Check (our field name, its name on the screen, text, longest or None) each. Raises Unfit with the field."""
    for name, said, text, longest in fields:
        field = field_note(name, said) if isinstance(said, str) else said
        if too_long(text, longest):
            raise Unfit(note("unfit.too_long", field=field, length=len(text), most=longest), name)
        wrong = unsendable(text)
        if wrong:
            raise Unfit(note("unfit.character", field=field, found=wrong), name)

"""What Dutch law asks of an invoice without Dutch VAT on it: of the customer, and in words.

No template of the bookkeeping prints those words, so they go along as lines of text; they are Dutch, as the invoice is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain import vat
from domain.message import Message, on_invoice
from domain.notes import note
from domain.official_numbers import EU, eu_vat_number

_AT_HOME = frozenset({"NL"})
_NORTHERN_IRELAND = frozenset({"XI"})  # whose goods count as of the EU, and whose services do not


@dataclass(frozen=True)
class Law:
    """What a VAT code asks: a customer with a VAT number of one of the countries `of` (empty: whoever), so a business,
    and these words; `source` is where the law says so."""

    code: str
    of: frozenset[str]
    words: str
    source: str


_REVERSED = on_invoice("Btw verlegd naar afnemer, btw-id %(number)s")
LAWS = (
    Law(vat.REVERSE_HIGH, _AT_HOME, _REVERSED,
        "Wet OB 1968 art. 12 lid 5 and art. 35a, Uitvoeringsbesluit OB 1968 art. 24b: VAT of work on buildings and of "
        "staff lent for it is due by the contractor who has it done in the Netherlands"),
    Law(vat.REVERSE_LOW, _AT_HOME, _REVERSED, "the same articles, of what the low rate holds for"),
    Law(vat.EU_GOODS, EU - _AT_HOME, on_invoice("Intracommunautaire levering, btw 0%%, btw-id afnemer %(number)s"),
        "Wet OB 1968 tabel II a.6 and art. 35a: goods that leave for a business in another EU country"),
    Law(vat.EU_SERVICES, EU - _AT_HOME - _NORTHERN_IRELAND, _REVERSED,
        "Wet OB 1968 art. 6 lid 1 and art. 35a, Directive 2006/112 art. 44 and 196: a service to a business in another "
        "EU country is taxed there"),
    Law(vat.EXPORT, frozenset(), on_invoice("Uitvoer buiten de EU, btw 0%%"),
        "Wet OB 1968 tabel II a.2: goods that leave the EU"),
)  # fmt: skip


@dataclass(frozen=True)
class Buyer:
    """What of a customer the law looks at; the VAT number and country as they stand."""

    name: str = ""
    is_company: bool = True
    vat_number: str = ""
    country: str = ""


# the fields of a relation that it is decided by
BUYER_FIELDS = ("is_company", "vat_number", "country")


def laws_of(codes: Iterable[str]) -> tuple[Law, ...]:
    """The laws that these VAT codes of an invoice fall under, once each, in the order of LAWS."""
    found = set(codes)
    return tuple(law for law in LAWS if law.code in found)


def words(codes: Iterable[str], buyer: Buyer) -> dict[str, str]:
    """What the invoice has to say, each sentence with a VAT code that asks for it; what two ask for stands once."""
    known = eu_vat_number(buyer.vat_number, buyer.country)
    said: dict[str, str] = {}
    for law in laws_of(codes):
        said.setdefault(law.words % {"number": known[1] if known else buyer.vat_number}, law.code)
    return said


def missing(law: Law, buyer: Buyer) -> Message | None:
    """What keeps a sale to this customer from falling under the law; None when nothing does."""
    if not law.of:
        return None
    names = {"vat": vat.name(law.code), "name": buyer.name}
    if not buyer.is_company:
        return note("blocked.vat_private", **names)
    if not buyer.vat_number.strip():
        return note("blocked.vat_no_number", **names)
    known = eu_vat_number(buyer.vat_number, buyer.country)
    if known is None:
        return note("blocked.vat_wrong_number", number=buyer.vat_number, **names)
    if known[0] not in law.of:
        key = "blocked.vat_not_dutch" if law.of == _AT_HOME else "blocked.vat_not_of_eu"
        return note(key, number=known[1], **names)
    return None

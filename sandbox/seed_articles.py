"""Making articles and ledger accounts out of short tables."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.vat import SALES_RATES, to_cents

# code, description, unit, price excl. VAT, VAT, ledger account; VAT: H high, L low
Row = tuple[str, str, str, str, str, str]
_VAT_CODES = {"H": "HOOG_VERK_21", "L": "LAAG_VERK_9"}
_PURCHASE_SHARE = Decimal("0.62")

# code, description, category
LEDGER: tuple[tuple[str, str, str], ...] = (
    ("0100", "Inventaris", "BAL"),
    ("0200", "Bedrijfsauto's", "BAL"),
    ("0300", "Eigen vermogen", "BAL"),
    ("1000", "Kas", "FIN"),
    ("1010", "Bank", "FIN"),
    ("1300", "Debiteuren", "DEB"),
    ("1400", "Voorraad materialen", "BAL"),
    ("1500", "Btw af te dragen hoog", "AF19"),
    ("1510", "Btw af te dragen laag", "AF6"),
    ("1520", "Btw te vorderen", "VOOR"),
    ("1530", "Rekening-courant btw", "BTWRC"),
    ("1600", "Crediteuren", "CRED"),
    ("4000", "Lonen en salarissen", "VW"),
    ("4100", "Huisvestingskosten", "VW"),
    ("4300", "Autokosten", "VW"),
    ("4700", "Kantoorkosten", "VW"),
    ("7000", "Inkoop materialen", "VW"),
    ("7010", "Uitbesteed werk", "VW"),
)


def articles(rows: Iterable[Row], groups: dict[str, tuple[str, str]], first_id: int) -> list[dict[str, Any]]:
    """cArtikel values with amounts as text; `groups` gives per ledger account the group's code and name."""
    return [_article(row, groups, first_id + position) for position, row in enumerate(rows)]


def _article(row: Row, groups: dict[str, tuple[str, str]], article_id: int) -> dict[str, Any]:
    code, description, unit, price, vat, ledger = row
    vat_code = _VAT_CODES[vat]
    rate = SALES_RATES[vat_code]
    sales = Decimal(price)
    bought = unit not in ("uur", "dag", "km", "keer")
    return {
        "ArtikelID": article_id,
        "ArtikelOmschrijving": description,
        "ArtikelCode": code,
        "GroepOmschrijving": groups[ledger][1],
        "GroepCode": groups[ledger][0],
        "Eenheid": unit,
        "InkoopprijsExclBTW": str(to_cents(sales * _PURCHASE_SHARE)) if bought else "0",
        "VerkoopprijsExclBTW": price,
        "VerkoopprijsInclBTW": str(to_cents(sales * (1 + rate))),
        "BTWCode": vat_code,
        "TegenrekeningCode": ledger,
        "BtwPercentage": str(rate),
        "KostenplaatsID": 0,
        "Actief": True,
    }

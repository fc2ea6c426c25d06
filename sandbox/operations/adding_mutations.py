"""AddMutatie: its checks in their order (the order is assumed), and the transaction that keeps it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sandbox import books, mutations
from sandbox.errors import BusinessError
from sandbox.mutations import INVOICE_OF, PAID_BY_US, PAID_TO_US, RECEIVED, SENT
from sandbox.operations.context import Context, administration_of
from sandbox.schema import ENUMERATIONS
from sandbox.vat import ALL_CODES, SALES_RATES

# the manual does not have OpeningsSaldo: only the schema does
_KINDS = tuple(kind for kind in ENUMERATIONS["enMutatieSoorten"] if kind != "OpeningsSaldo")
_SINGLE_LINE = (PAID_TO_US, PAID_BY_US)
_FIRST_YEAR, _LAST_YEAR, _MOST_LINES = 1980, 2049, 100
# what the account of a mutation has to be: kind, categories, code of the refusal
_ACCOUNT = {
    SENT: (("DEB",), "CMUT016"),
    RECEIVED: (("CRED",), "CMUT015"),
    "Memoriaal": (("BAL", "VW", "FIN", "DEB", "CRED"), "CMUT001"),
}
_MONEY_ACCOUNT = (("FIN",), "CMUT001")
_COUNTER = {PAID_TO_US: (("DEB",), "CMUT027"), PAID_BY_US: (("CRED",), "CMUT028")}
_ANY_COUNTER = (("VW", "BAL", "FIN", "DEB", "CRED", "AF19", "AF6", "AFOVERIG", "VOOR", "BTWRC"), "CMUT012")
_CENT = Decimal("0.01")


def add_mutation(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check and keep a mutation, all or nothing. Raises BusinessError (E002.*, CMUT*)."""
    name = administration_of(context, values).name
    mutation = values.get("oMut", {})
    lines = mutation.get("MutatieRegels", {}).get("cMutatieRegel", [])
    with context.store.writing() as connection:
        accounts = {account["Code"]: account["Categorie"] for account in books.ledger_accounts(connection, name)}
        _check_head(mutation, lines, accounts)
        if mutation["Soort"] in (SENT, RECEIVED):
            _check_invoice(connection, name, mutation)
        if mutation["Soort"] in INVOICE_OF:
            _check_payment(connection, name, mutation)
        for line in lines:
            _check_line(mutation["Soort"], line, accounts)
        number = mutations.keep(connection, name, mutation)
    return {"Mutatienummer": number}


def _given(values: Mapping[str, Any], name: str) -> bool:
    return bool(str(values.get(name, "")).strip())


def _passed(checks: Iterable[tuple[str, bool]]) -> None:
    for code, passed in checks:
        if not passed:
            raise BusinessError(code)


def _check_head(mutation: Mapping[str, Any], lines: list[Any], accounts: Mapping[str, str]) -> None:
    kind, day = mutation.get("Soort"), mutation.get("Datum")
    categories, code = _ACCOUNT.get(str(kind), _MONEY_ACCOUNT)
    vat_counts = kind not in INVOICE_OF
    checks = (
        ("CMUT008", kind in _KINDS),
        ("CMUT004", day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR),
        ("CMUT001.1", mutation.get("Rekening", "") in accounts),
        (code, accounts.get(mutation.get("Rekening", "")) in categories),
        ("CMUT005", _given(mutation, "Omschrijving")),
        ("CMUT003", not vat_counts or _given(mutation, "InExBTW")),
        ("CMUT003.1", not vat_counts or mutation.get("InExBTW") in ("IN", "EX")),
        ("CMUT006", 1 <= len(lines) <= _MOST_LINES),
        ("CMUT021", kind not in _SINGLE_LINE or len(lines) == 1),
    )
    _passed(checks)


def _check_invoice(connection: sqlite3.Connection, name: str, mutation: Mapping[str, Any]) -> None:
    kind = mutation["Soort"]
    number, relation = mutation.get("Factuurnummer", ""), mutation.get("RelatieCode", "")
    _passed(
        (
            ("CMUT013", _given(mutation, "Factuurnummer")),
            ("CMUT014", _given(mutation, "RelatieCode") and _given(mutation, "Betalingstermijn")),
            ("CMUT017", books.relation_exists(connection, name, relation)),
            ("CMUT018", not mutations.invoice_exists(connection, name, kind, number, relation)),
            ("CMUT019", kind != SENT or not mutations.invoice_exists(connection, name, kind, number)),
        )
    )


def _check_payment(connection: sqlite3.Connection, name: str, mutation: Mapping[str, Any]) -> None:
    kind = INVOICE_OF[mutation["Soort"]]
    number, relation = mutation.get("Factuurnummer", ""), mutation.get("RelatieCode", "")
    _passed(
        (
            ("CMUT023", _given(mutation, "Factuurnummer")),
            ("CMUT024", _given(mutation, "RelatieCode")),
            ("CMUT025", books.relation_exists(connection, name, relation)),
            ("CMUT026", mutations.invoice_exists(connection, name, kind, number, relation)),
        )
    )


def _check_line(kind: str, line: Mapping[str, Any], accounts: Mapping[str, str]) -> None:
    excl, vat, incl, percentage = (
        line.get(key, Decimal(0)) for key in ("BedragExclBTW", "BedragBTW", "BedragInclBTW", "BTWPercentage")
    )
    code = line.get("BTWCode", "") or "GEEN"
    selling = code in SALES_RATES or code in ("HOOG_VERK", "LAAG_VERK", "AFW_VERK")
    categories, refusal = _COUNTER.get(kind, _ANY_COUNTER)
    _passed(
        (
            ("CMUT010", excl + vat == incl),
            # whoever reckons back from an amount with VAT may be a cent off
            ("CMUT010.1", abs(excl * percentage / 100 - vat) <= _CENT),
            ("CMUT033", code in ALL_CODES),
            ("CMUT011", code == "GEEN" or kind not in (SENT, RECEIVED) or selling is (kind == SENT)),
            (refusal, accounts.get(line.get("TegenrekeningCode", "")) in categories),
        )
    )

"""GetFacturen: what stands in the invoice module, by the filter that was given."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox import invoices
from sandbox.operations.context import Context, administration_of
from sandbox.schema import TYPES

_TOTALS = ("TotaalExclBTW", "TotaalBTW", "TotaalInclBTW", "TotaalOpenstaand")
_LINE_FIELDS = tuple(field.name for field in TYPES["cFactuurRegel"])
_CENT = Decimal("0.01")


def find_invoices(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Invoices that meet every given condition; both days count. With `invoice_cap` no more than so many, any of them
    when lists are shuffled, without a word about the rest."""
    administration = administration_of(context, values)
    wanted = values.get("cFilter", {})
    first, last = wanted.get("DatumVan"), wanted.get("DatumTm")
    with context.store.reading() as connection:
        found = invoices.find(
            connection,
            administration.name,
            number=wanted.get("Factuurnummer", "").strip(),
            relation_code=wanted.get("Relatiecode", "").strip(),
            first_day=first and first.date(),
            last_day=last and last.date(),
        )
    if 0 < administration.switches.invoice_cap < len(found):
        if administration.switches.list_order == "shuffled":
            random.shuffle(found)
        found = found[: administration.switches.invoice_cap]
    too_much = _CENT if context.mischief("other_totals") else Decimal(0)
    return {"Facturen": [_entry(invoice, too_much) for invoice in found]}


def _entry(invoice: Mapping[str, Any], too_much: Decimal) -> dict[str, Any]:
    """One invoice as cFactuurList; `too_much` is what mischief adds to every total but the VAT."""
    return {
        "Factuurnummer": invoice["Factuurnummer"],
        "Relatiecode": invoice["Relatiecode"],
        "Datum": datetime.fromisoformat(invoice["Datum"]),
        "Betalingstermijn": invoice["Betalingstermijn"],
        **{key: Decimal(invoice[key]) + (too_much if key != "TotaalBTW" else 0) for key in _TOTALS},
        "URLPDFBestand": invoice["URLPDFBestand"],
        "Regels": [_line(line) for line in invoice["Regels"]],
    }


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: line.get(key) for key in _LINE_FIELDS}
    for key in ("Aantal", "PrijsPerEenheid"):
        values[key] = Decimal(line.get(key, "0"))
    return values

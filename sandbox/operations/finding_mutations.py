"""GetMutaties with its monthly ration, and GetOpenPosten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox import books, mutations, usage
from sandbox.errors import BusinessError
from sandbox.operations.context import Context, administration_of
from sandbox.schema import TYPES

_NEWEST = 500
_LINE_FIELDS = tuple(field.name for field in TYPES["cMutatieListRegel"])
_SIDES = {"Debiteuren": mutations.SENT, "Crediteuren": mutations.RECEIVED}


def find_mutations(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest 500 mutations that meet the filter. Raises BusinessError (E003.1) past the month's ration."""
    name = administration_of(context, values).name
    if usage.count_call(context.store, name) > usage.PER_MONTH:
        raise BusinessError("E003.1")
    wanted = values.get("cFilter", {})
    number = wanted.get("MutatieNr", 0)
    first, last = wanted.get("DatumVan"), wanted.get("DatumTm")
    with context.store.reading() as connection:
        found = mutations.find(
            connection,
            name,
            first=number or wanted.get("MutatieNrVan", 0),
            last=number or wanted.get("MutatieNrTm", 0),
            invoice_number=wanted.get("Factuurnummer", "").strip(),
            first_day=first and first.date(),
            last_day=last and last.date(),
            newest=_NEWEST,
        )
    return {"Mutaties": [_entry(mutation) for mutation in found]}


def _entry(mutation: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        {"Factuurnummer": mutation.get("Factuurnummer", "")} | {key: line[key] for key in _LINE_FIELDS if key in line}
        for line in mutation["MutatieRegels"]
    ]
    return {**mutation, "MutatieRegels": lines}


def list_open_items(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Invoices that are not wholly paid, of debtors unless creditors are asked for."""
    name = administration_of(context, values).name
    with context.store.reading() as connection:
        items = mutations.open_items(connection, name, _SIDES[values.get("OpSoort", "Debiteuren")])
        companies = {
            code: books.relations(connection, name, code=code) for code in {item.relation_code for item in items}
        }
    return {
        "Openposten": [
            {
                "MutDatum": datetime.combine(item.day, datetime.min.time()),
                "MutFactuur": item.invoice_number,
                "RelCode": item.relation_code,
                "RelBedrijf": companies[item.relation_code][0]["Bedrijf"] if companies[item.relation_code] else "",
                "Bedrag": item.amount,
                "Voldaan": item.paid,
                "Openstaand": item.left,
            }
            for item in items
            if item.left
        ]
    }

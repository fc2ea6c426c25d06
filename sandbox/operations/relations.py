"""Relations: GetRelaties, AddRelatie, UpdateRelatie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox import books
from sandbox.books import Administration
from sandbox.errors import RELATION_LENGTHS, BusinessError
from sandbox.operations.context import CAP, Context, administration_of

_LONG_EMAIL = 150  # by the table of fields; the list of codes says 50


def list_relations(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Relations that meet the filter, at most 2,000, without a word about the rest."""
    name = administration_of(context, values).name
    wanted = values.get("cFilter", {})
    with context.store.reading() as connection:
        found = books.relations(
            connection,
            name,
            keyword=wanted.get("Trefwoord", ""),
            code=wanted.get("Code", ""),
            relation_id=wanted.get("ID", 0),
            limit=CAP,
        )
    return {"Relaties": [_with_date(relation) for relation in found]}


def _with_date(relation: dict[str, Any]) -> dict[str, Any]:
    return relation | {"AddDatum": datetime.fromisoformat(relation["AddDatum"])}


def add_relation(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write a new relation. Raises BusinessError (CREL001 taken, CREL01 to 36, CREL901 no code, CREL902 no name)."""
    administration = administration_of(context, values)
    name = administration.name
    given = values.get("oRel", {})
    _check(administration, given)
    with context.store.writing() as connection:
        if books.relation_exists(connection, name, given["Code"]):
            raise BusinessError("CREL001")
        relation_id = books.next_relation_id(connection, name)
        books.write_relations(connection, name, [_record(given, relation_id)])
    return {"Rel_ID": relation_id}


def update_relation(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Replace a whole relation. Raises BusinessError (as adding, and CREL903)."""
    administration = administration_of(context, values)
    name = administration.name
    given = values.get("oRel", {})
    _check(administration, given)
    with context.store.writing() as connection:
        old = books.relations(connection, name, relation_id=given.get("ID", 0) or -1)
        if not old:
            raise BusinessError("CREL903")
        if given["Code"] != old[0]["Code"] and books.relation_exists(connection, name, given["Code"]):
            raise BusinessError("CREL001")
        record = _record(given, given["ID"]) | {"AddDatum": old[0]["AddDatum"]}
        books.write_relations(connection, name, [record])
    return {}


def _check(administration: Administration, given: Mapping[str, Any]) -> None:
    for code, field, most in RELATION_LENGTHS:
        if field == "Email" and administration.switches.long_email == "take":
            most = _LONG_EMAIL
        if len(given.get(field) or "") > most:
            raise BusinessError(code)
    if (given.get("BP") or "B").upper() not in ("B", "P"):
        raise BusinessError("CREL26")
    if not given.get("Code", "").strip():
        raise BusinessError("CREL901")
    if not given.get("Bedrijf", "").strip():
        raise BusinessError("CREL902")


def _record(given: Mapping[str, Any], relation_id: int) -> dict[str, Any]:
    record = {key: given.get(key, "") for key in books.RELATION_FIELDS}
    record |= {key: given.get(key) or 0 for key in ("Gb_ID", "GeenEmail", "NieuwsbriefgroepenCount")}
    # AddDatum is ignored by the service: it is the day of today
    record |= {"ID": relation_id, "AddDatum": f"{datetime.now(UTC):%Y-%m-%d}", "BP": given.get("BP") or "B"}
    return record

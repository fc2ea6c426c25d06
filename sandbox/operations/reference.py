"""The lists an invoice refers to: articles, ledger accounts, cost centres."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox import books
from sandbox.operations.context import CAP, Context, administration_of
from sandbox.schema import TYPES

_AMOUNTS = tuple(field.name for field in TYPES["cArtikel"] if field.type == "decimal")


def list_articles(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Articles that meet the filter, at most 2,000."""
    name = administration_of(context, values).name
    wanted = values.get("cFilter", {})
    with context.store.reading() as connection:
        found = books.articles(connection, name)
    if wanted.get("ArtikelID"):
        found = [article for article in found if article["ArtikelID"] == wanted["ArtikelID"]]
    for key in ("ArtikelCode", "GroepCode"):
        if text := wanted.get(key):
            found = [article for article in found if article[key] == text]
    for key in ("ArtikelOmschrijving", "GroepOmschrijving"):
        if text := wanted.get(key):
            found = [article for article in found if text.lower() in article[key].lower()]
    return {"Artikelen": [_with_amounts(article) for article in found[:CAP]]}


def _with_amounts(article: Mapping[str, Any]) -> dict[str, Any]:
    return {**article, **{key: Decimal(article[key]) for key in _AMOUNTS}}


def list_ledger_accounts(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ledger accounts that meet the filter."""
    name = administration_of(context, values).name
    wanted = values.get("cFilter", {})
    with context.store.reading() as connection:
        found = books.ledger_accounts(connection, name)
    for key in ("ID", "Code", "Categorie"):
        if value := wanted.get(key):
            found = [account for account in found if account[key] == value]
    return {"Rekeningen": found}


def list_cost_centres(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cost centres that meet the filter."""
    name = administration_of(context, values).name
    wanted = values.get("cFilter", {})
    with context.store.reading() as connection:
        found = books.cost_centres(connection, name)
    if centre_id := wanted.get("KostenplaatsID"):
        found = [centre for centre in found if centre["KostenplaatsId"] == centre_id]
    if parent_id := wanted.get("KostenplaatsParentID"):
        found = [centre for centre in found if centre["KostenplaatsParentId"] == parent_id]
    if text := wanted.get("Omschrijving"):
        found = [centre for centre in found if text.lower() in centre["Omschrijving"].lower()]
    return {"Kostenplaatsen": found}

"""The operations that work: their names and the function behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.operations.adding_invoices import add_invoice
from sandbox.operations.context import Context
from sandbox.operations.entry import close_session, list_administrations, open_session
from sandbox.operations.finding_invoices import find_invoices
from sandbox.operations.reference import list_articles, list_cost_centres, list_ledger_accounts
from sandbox.operations.relations import add_relation, list_relations, update_relation

Function = Callable[[Context, Mapping[str, Any]], Mapping[str, Any] | None]

WORKING: dict[str, Function] = {
    "OpenSession": open_session,
    "CloseSession": close_session,
    "GetAdministraties": list_administrations,
    "GetRelaties": list_relations,
    "AddRelatie": add_relation,
    "UpdateRelatie": update_relation,
    "GetArtikelen": list_articles,
    "GetGrootboekrekeningen": list_ledger_accounts,
    "GetKostenplaatsen": list_cost_centres,
    "AddFactuur": add_invoice,
    "GetFacturen": find_invoices,
}

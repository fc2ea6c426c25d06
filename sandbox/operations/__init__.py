"""All twenty operations: their names and the function behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.operations.adding_invoices import add_invoice
from sandbox.operations.adding_mutations import add_mutation
from sandbox.operations.context import Context
from sandbox.operations.entry import (
    auto_login,
    close_session,
    list_administrations,
    open_session,
    open_sub_session,
)
from sandbox.operations.finding_invoices import find_invoices
from sandbox.operations.finding_mutations import find_mutations, list_open_items
from sandbox.operations.ledger import (
    add_ledger_account,
    balance,
    list_balances,
    update_ledger_account,
)
from sandbox.operations.reference import list_articles, list_cost_centres, list_ledger_accounts
from sandbox.operations.relations import add_relation, list_relations, update_relation

Function = Callable[[Context, Mapping[str, Any]], Mapping[str, Any] | None]

OPERATIONS: dict[str, Function] = {
    "OpenSession": open_session,
    "OpenSessionSub": open_sub_session,
    "CloseSession": close_session,
    "AutoLogin": auto_login,
    "GetAdministraties": list_administrations,
    "GetRelaties": list_relations,
    "AddRelatie": add_relation,
    "UpdateRelatie": update_relation,
    "GetArtikelen": list_articles,
    "GetGrootboekrekeningen": list_ledger_accounts,
    "AddGrootboekrekening": add_ledger_account,
    "UpdateGrootboekrekening": update_ledger_account,
    "GetSaldo": balance,
    "GetSaldi": list_balances,
    "GetKostenplaatsen": list_cost_centres,
    "AddFactuur": add_invoice,
    "GetFacturen": find_invoices,
    "AddMutatie": add_mutation,
    "GetMutaties": find_mutations,
    "GetOpenPosten": list_open_items,
}

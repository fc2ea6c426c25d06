"""What only the check of the contract reads: the port does not ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from domain.invoice import RemoteInvoice
from gateways.bookkeeping import Credentials
from gateways.eboekhouden import limits, mapping
from gateways.eboekhouden.answers import read_result
from gateways.eboekhouden.client import LIST_CAP, EBoekhouden, answer_by
from gateways.eboekhouden.records import invoices_with, mapped
from gateways.eboekhouden.transport import Call


@dataclass(frozen=True)
class CostCenter:
    """A cost centre; `parent_id` is 0 at the top."""

    remote_id: int
    description: str
    parent_id: int


class ContractBooks(EBoekhouden):
    """The gateway, with what else their service gives."""

    def cost_centers(self, credentials: Credentials) -> Sequence[CostCenter]:
        """All cost centres."""
        wanted = mapping.cost_center_filter(self._wire.make)
        return mapped(self._list(credentials, "GetKostenplaatsen", "cKostenplaats", wanted), _cost_center_in).rows

    def invoices_of(self, credentials: Credentials, relation_code: str, since: date) -> Sequence[RemoteInvoice]:
        """The invoices of the relation with exactly this code, dated `since` or later."""
        limits.check(("relation_code", "relatiecode", relation_code, 15))
        if not relation_code.strip():
            return ()  # an empty condition is none: they would give those of everybody
        wanted = mapping.invoice_filter(self._wire.make, relation=relation_code, since=since)
        call = partial(Call, self._times.lists, LIST_CAP)
        result = self._answered(credentials, "GetFacturen", call, answer_by(read_result, "GetFacturen"), cFilter=wanted)
        return [found for found in invoices_with(result, "Relatiecode", relation_code) if found.on >= since]


def _cost_center_in(row: Mapping[str, str]) -> CostCenter:
    """A cKostenplaats row. Raises ValueError when an id is no number."""
    return CostCenter(
        remote_id=int(row["KostenplaatsId"]),
        description=row.get("Omschrijving", ""),
        parent_id=int(row.get("KostenplaatsParentId") or 0),
    )

"""What only the check of the contract reads: the port does not ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateways.bookkeeping import Credentials
from gateways.eboekhouden import mapping
from gateways.eboekhouden.client import EBoekhouden
from gateways.eboekhouden.records import mapped


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


def _cost_center_in(row: Mapping[str, str]) -> CostCenter:
    """A cKostenplaats row. Raises ValueError when an id is no number."""
    return CostCenter(
        remote_id=int(row["KostenplaatsId"]),
        description=row.get("Omschrijving", ""),
        parent_id=int(row.get("KostenplaatsParentId") or 0),
    )

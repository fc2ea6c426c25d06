"""What a large tenant has one of each of, for who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class Filled:
    """One of each, out of the middle of the history, for who opens a page."""

    relation_id: UUID
    location_id: UUID
    article_id: UUID
    posted_order: UUID
    planned_order: UUID
    done_order: UUID
    refused_order: UUID
    number: str
    day: date
    entry_id: UUID
    number_id: UUID
    run_id: UUID
    finding_id: UUID
    reconciliation_id: UUID

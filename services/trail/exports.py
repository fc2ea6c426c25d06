"""That somebody took a file with them, in the trail before its first row is read."""

from __future__ import annotations

from domain.permissions import Actor
from oversight.audit_trail import record
from services.transaction import own_transaction


def taken(actor: Actor, what: str) -> None:
    """Write down which file. What cannot be written down is not given."""
    with own_transaction(actor.tenant_id) as session:
        record(session, actor, "export.taken", what=what)

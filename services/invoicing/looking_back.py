"""Our database may have come back from an older copy: then the books hold invoices that it does not know."""

from __future__ import annotations

from services import heartbeat
from services.transaction import write_transaction
from tenancy.clock import database_now


def expect_to_be_behind() -> None:
    """This database was put back: every tenant looks back before it sends its next invoice. In no tenant, or in any."""
    with write_transaction() as session:
        session.execute(heartbeat.everybody_looks_back(database_now(session)))

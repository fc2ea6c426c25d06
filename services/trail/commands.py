"""What an operator did by a command that concerns every company, in the trail of each, where its people read it."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from models import Tenant
from oversight.audit_trail import record
from services.transaction import own_transaction, stop_reading
from tenancy.database import db

logger = logging.getLogger("crafter.login")


def tell_every_company(by: str, what: str) -> None:
    """One entry in each trail: this command was carried out; `by` is the name that commands have there. The deed is
    done by then, so a trail that cannot be written is a line in the log and stops nothing. Not inside a write
    transaction."""
    companies = db.session.scalars(select(Tenant.id).order_by(Tenant.id)).all()
    stop_reading()
    for tenant_id in companies:
        try:
            with own_transaction(tenant_id) as session:
                record(session, by, "command.run", what=what)
        except SQLAlchemyError:
            logger.exception("the command %s cannot be written in the trail of tenant %s", what, tenant_id)

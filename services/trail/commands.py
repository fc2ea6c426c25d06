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


def tell_every_company(by: str, what: str) -> bool:
    """One entry in each trail: this command was carried out; `by` is the name that commands have there. Whether
    every trail has it: the deed is done by then, so what cannot be written, or a database that this role may not read
    (yet, after a restore), is a line in the log and stops nothing. Not inside a write transaction."""
    try:
        companies = db.session.scalars(select(Tenant.id).order_by(Tenant.id)).all()
    except SQLAlchemyError:
        logger.exception("the command %s cannot be written in any trail", what)
        return False
    finally:
        stop_reading()
    everywhere = True
    for tenant_id in companies:
        try:
            with own_transaction(tenant_id) as session:
                record(session, by, "command.run", what=what)
        except SQLAlchemyError:
            everywhere = False
            logger.exception("the command %s cannot be written in the trail of tenant %s", what, tenant_id)
    return everywhere

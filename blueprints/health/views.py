"""/healthz: the process lives; /readyz: the database answers."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import select

from blueprints._doors import anyone
from tenancy.database import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@anyone
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@anyone
def ready() -> dict[str, str]:
    """The database answers too."""
    db.session.execute(select(1))
    return {"status": "ok"}

"""Programs of their own, to be killed: `python -m tests.torture.press DATABASE SOAP FOLDER TENANT ORDER`, a portal."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

from flask import Flask

from app import create_app
from services import invoicing, tenants
from tests.torture.stage import PATIENT, settings_for


def main(database: str, soap: str, folder: str, tenant: str, order: str) -> None:
    """Build the app and press *Gecontroleerd*; prints the posting's state."""
    app = create_app(settings_for(database, soap, Path(folder), PATIENT))
    with app.app_context():
        actor = tenants.process(tenant, "Drukker")
        print(invoicing.approve(app.extensions["crafter"], actor, UUID(order)).state)


def portal(database: str, soap: str, folder: str) -> Flask:
    """The whole app for gunicorn, with patient times."""
    return create_app(settings_for(database, soap, Path(folder), PATIENT))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""All areas there are, for who shows pages (app.py) and nobody else: the worker has no use for 4 MB of them."""

from __future__ import annotations

from blueprints import (
    account,
    articles,
    auth,
    bulk,
    choices,
    health,
    help,
    old_addresses,
    outbox,
    planning,
    reconciliation,
    relations,
    site,
    start,
    support,
    work_orders,
)
from blueprints import (
    settings as settings_area,
)

AREAS = (
    auth, account, health, start, planning, work_orders, choices, bulk, relations, articles, reconciliation,
    settings_area, support,
    help, outbox, site, old_addresses,
)  # fmt: skip
BLUEPRINTS = (*(area.blueprint for area in AREAS), help.outside)

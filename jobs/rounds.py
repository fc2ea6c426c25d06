"""The worker's rounds, one tenant at a time, each in a new database session."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from domain.message import Refusal
from domain.permissions import Actor
from services import articles, connection, login_sessions, recovery, relations, status, tenants
from services.parts import Parts
from services.preflight import today

logger = logging.getLogger("crafter.worker")


def _each_tenant(name: str) -> Iterator[Actor]:
    """An actor per open tenant; trouble in one never keeps the others waiting."""
    tenants.leave()
    for tenant_id in tenants.all_ids():
        tenants.leave()
        yield tenants.process(tenant_id, name)
    tenants.leave()


def every_minute(parts: Parts) -> None:
    """Settle interrupted and uncertain postings, and count what support sees."""
    for actor in _each_tenant("Crafter"):
        try:
            recovery.recover_all(parts, actor)
            status.count_trouble(actor.tenant_id)
        except Exception:
            logger.exception("recovery of tenant %s failed", actor.tenant_id)


def every_night(parts: Parts) -> None:
    """Sync relations and articles of every active link, once a night, one tenant after another."""
    night = today(datetime.now(UTC))
    for actor in _each_tenant("Crafter ('s nachts)"):
        try:
            if connection.is_active() and status.claim_night(actor.tenant_id, night):
                with suppress(Refusal):
                    articles.sync(parts, actor)
                    if connection.present().sync_relations:
                        relations.sync(parts, actor)
        except Exception:
            logger.exception("nightly sync of tenant %s failed", actor.tenant_id)


def every_hour(parts: Parts) -> None:
    """Throw away sessions that passed their limits."""
    login_sessions.purge(parts.settings.times)

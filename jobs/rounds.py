"""The worker's rounds, one tenant at a time, each in a new database session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from domain.message import Refusal
from domain.permissions import Actor
from oversight import logs
from services import due_work, heartbeat, mail, purging, telling
from services.backups import nights
from services.catalogue import articles, relations
from services.company import status, tenants
from services.dependencies import Dependencies
from services.invoicing import left_behind, recovery
from services.link import connection
from services.orders import daily_letter
from services.people import authentication, login_sessions, throttle
from services.reconciliation import rounds as reconciling
from services.support import visits
from services.trail import seals
from services.transaction import stop_reading
from tenancy.clock import day_of
from tenancy.unavailable import BUSY, why_unavailable

logger = logging.getLogger("crafter.worker")


NIGHT_PARTS = 15  # the nightly syncs begin spread over so many rounds


def _each(tenant_ids: Callable[[], list[int]], name: str = "Crafter") -> Iterator[Actor]:
    """An actor per tenant that has something to do; trouble in one never keeps the others waiting."""
    tenants.leave()
    for tenant_id in tenant_ids():
        tenants.leave()
        logs.bind(tenant_id=tenant_id)
        yield tenants.process(tenant_id, name)
    tenants.leave()
    logs.bind(tenant_id=None)


def every_minute(deps: Dependencies) -> None:
    """Write the letters of what happened, deliver mail, settle interrupted and uncertain postings, count what support
    sees, end visits that ran out, seal the audit trails: in the tenants that have any."""
    _deliver(deps)
    for actor in _each(lambda: due_work.tenants_with(due_work.POSTINGS)):
        try:
            recovery.recover_all(deps, actor)
            left_behind.carry_on(deps, actor)
            due_work.settle(actor.tenant_id, due_work.POSTINGS, partial(_left, actor))
        except Exception as error:
            _pass_over(error, "recovery of tenant %s failed", actor.tenant_id)
    for actor in _each(visits.run_out):
        try:
            visits.close_run_out(actor)
        except Exception as error:
            _pass_over(error, "ending the visits at tenant %s failed", actor.tenant_id)
    _seal(deps)


def _left(actor: Actor) -> datetime | None:
    looks = [look for look in (recovery.next_look(), left_behind.next_look()) if look is not None]
    again = min(looks, default=None)  # before they are counted: an outcome that comes in between is counted then
    status.count_postings(actor.tenant_id)
    return again


def _seal(deps: Dependencies) -> None:
    """Seal the audit trails; of suspended tenants too, for what support did there is in them."""
    tenants.leave()
    for tenant_id in due_work.tenants_with(due_work.SEAL, suspended=True):
        try:
            seals.seal(deps.settings.audit_keys, tenant_id)
        except Exception as error:
            _pass_over(error, "sealing the audit trail of tenant %s failed", tenant_id)
    tenants.leave()


def _deliver(deps: Dependencies) -> None:
    try:
        telling.write_waiting(deps)
        mail.deliver(deps)
    except Exception as error:
        _pass_over(error, "delivering mail failed")


def _pass_over(error: Exception, said: str, *of: object) -> None:
    """Log what failed, so that the rest of the round goes on; but a database that is away, full or only readable is so
    for all, and the whole round waits for it."""
    if why_unavailable(error) not in {None, BUSY}:
        raise error
    logger.exception(said, *of)


def every_night(deps: Dependencies, part: int = NIGHT_PARTS) -> None:
    """Sync relations and articles of every active link and hold its invoices against ours, once a night, one tenant
    after another. `part`, from 1 on, is the how manyth round of the night it is: not all tenants are asked in one
    minute."""
    night = day_of(datetime.now(UTC))

    def turn() -> list[int]:
        return [tenant_id for tenant_id in status.syncing(night) if tenant_id % NIGHT_PARTS < part]

    for actor in _each(turn, "Crafter ('s nachts)"):
        try:
            if connection.is_active() and status.claim_night(actor.tenant_id, night):
                with suppress(Refusal):  # somebody reads them at this moment
                    articles.sync(deps, actor)
                if connection.present().sync_relations:
                    with suppress(Refusal):
                        relations.sync(deps, actor)
                reconciling.tonight(deps, actor)
        except Exception as error:
            _pass_over(error, "the night of tenant %s failed", actor.tenant_id)


def every_morning(deps: Dependencies) -> None:
    """The daily letter of each tenant, once a working day, from seven in Amsterdam on."""
    for actor in _each(daily_letter.due):
        try:
            daily_letter.write(deps, actor)
        except Exception as error:
            _pass_over(error, "the daily letter of tenant %s failed", actor.tenant_id)


def every_backup(deps: Dependencies, at_night: bool) -> None:
    """Make tonight's backup, when nobody did yet."""
    tenants.leave()
    stop_reading()  # a copy may take long
    nights.make_tonight(deps.settings, datetime.now(UTC), at_night)


def every_hour(deps: Dependencies) -> None:
    """Throw away sessions that passed their limits, letters and links that are long gone, old throttles, and what is
    known of forms that were carried out long ago, or kept for who did not come back."""
    login_sessions.purge(deps.settings.times)
    mail.tidy()
    throttle.tidy()
    authentication.tidy()
    heartbeat.tidy()
    telling.tidy()
    purging.tidy_forms()

"""/healthz: the process lives; /readyz: it can do its work, or which part is missing; /metrics: for the monitoring."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from blueprints._dependencies import deps
from blueprints._doors import anyone
from blueprints._this_machine import from_this_machine
from oversight import logs, metrics
from services import heartbeat
from services.company import status
from tenancy.migrated import is_migrated, nodes_away
from tenancy.unavailable import BUSY, FULL, no_room, why_unavailable

blueprint = Blueprint("health", __name__)
log = logs.get("crafter.web")
_UNAVAILABLE = {FULL: "disk full", BUSY: "busy"}  # whatever else it is: not reached


@blueprint.get("/healthz")
@anyone
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@anyone
def ready() -> tuple[dict[str, str], int]:
    """The database and its nodes answer, with this version's tables, and so does the queue; else 503, and which not.
    Without a worker people can work all the same, so that is told with 200: degraded, and since when."""
    found = {"database": _database(), "queue": _queue()}
    if set(found.values()) != {"ok"}:
        return {"status": "not ready", **found}, 503
    worker = _worker()
    return {"status": "ok" if worker == "ok" else "degraded", **found, "worker": worker}, 200


def _database() -> str:
    try:
        if away := nodes_away():
            log.error("nodes of the database cannot be reached", nodes=away)
            return "nodes not reached"
        if not is_migrated():
            return "not migrated"
        return "disk full" if no_room() else "ok"
    except SQLAlchemyError as error:
        log.exception("the database cannot be reached")
        return _UNAVAILABLE.get(why_unavailable(error) or "", "not reached")


def _worker() -> str:
    absence = heartbeat.away()
    if absence is None:
        return "ok"
    return f"away since {absence.since:%Y-%m-%dT%H:%M:%SZ}" if absence.since else "never seen"


def _queue() -> str:
    try:
        deps().queue_length()
    except (Exception, SystemExit):  # whatever the kind of queue raises
        log.exception("the queue cannot be reached")
        return "not reached"
    return "ok"


@blueprint.get("/metrics")
@anyone
def measures() -> Response:
    """Numbers for Prometheus. Whoever may not see them is told nothing, not even that they are here."""
    if not _may_measure():
        abort(404)
    values = {}
    if _database() in {"ok", "nodes not reached"}:
        waiting = status.unsettled()
        values["crafter_postings"] = ("Invoices that are not settled, by state", "state", waiting.by_state)
        values["crafter_oldest_unsettled_posting_seconds"] = (
            "How long the oldest invoice is under way", "kind", {"posting": waiting.oldest_seconds},
        )  # fmt: skip
        values["crafter_last_sign_of_life_seconds"] = (
            "How long ago portal or worker was last seen alive, by machine", "process", heartbeat.ages(),
        )  # fmt: skip
    if _queue() == "ok":
        values["crafter_queue_length"] = ("Tasks that wait", "queue", {"crafter": float(deps().queue_length())})
    return Response(metrics.page(values), content_type=metrics.CONTENT_TYPE)


def _may_measure() -> bool:
    settings = deps().settings
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if settings.metrics_token and kind == "Bearer":
        return secrets.compare_digest(given.encode(), settings.metrics_token.encode())
    return not settings.production and from_this_machine()

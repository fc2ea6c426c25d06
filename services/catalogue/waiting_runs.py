"""What the worker does about reading relations and articles in: the runs that wait for it."""

from __future__ import annotations

from collections.abc import Callable

from domain.permissions import Actor
from services import due_work
from services.catalogue import articles, relations
from services.dependencies import Dependencies
from services.link import connection, reading, runs

_KINDS = {kind.what: kind for kind in (relations.KIND, articles.KIND)}


def carry_out(deps: Dependencies, actor: Actor, halt: Callable[[], bool] = lambda: False) -> None:
    """Carry the waiting runs of the entered tenant out, one after another; none while a limit of theirs lasts."""
    for run in runs.waiting():
        if not halt() and connection.paused_until() is None:
            reading.resume(deps, actor, _KINDS[run.what], run, halt)
    due_work.settle(actor.tenant_id, due_work.READ, runs.next_due)

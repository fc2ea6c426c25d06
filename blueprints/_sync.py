"""What the screens of relations and articles share: may we fetch, when was it last, and how did it go."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import url_for

from blueprints._doors import present_actor
from blueprints._parts import parts
from domain.message import Message
from services import connection, relations


def sync_context(what: str, run: Any = None, refusal: Message | None = None) -> SimpleNamespace:
    """Everything `sync/*.html` shows of `relations` or `articles`; `run` or `refusal` is the answer to a press."""
    actor = present_actor()
    link = connection.present()
    state = link.state if link.enabled else "off"
    last, success = relations.last_run(what), relations.last_success(what)
    return SimpleNamespace(
        what=what,
        state=state,
        switched_off=what == "relations" and state == "active" and not link.sync_relations,
        may=actor.may("bookkeeping:sync"),
        settings_url=_settings_url(state) if actor.may("settings:read") else "",
        last=last,
        success=success,
        run=run,
        refusal=refusal,
        explanation=parts().bookkeeping.explain(run.error_code) if run is not None and run.error_code else None,
    )


def _settings_url(state: str) -> str:
    return url_for("settings.features") if state == "off" else url_for("settings.bookkeeping")

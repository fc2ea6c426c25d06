"""What the screens of relations and articles share: may we fetch, when was it last, and how did it go."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import url_for

from blueprints._dependencies import deps
from blueprints._doors import present_actor
from domain.link import LinkState
from domain.message import Message, msg
from gateways.bookkeeping import Explanation
from services.link import connection, remarks, runs

# what our own side says of a run that came to nothing, for which the bookkeeping has no code
_OURS = {
    runs.LINK_CHANGED.key: Explanation(
        msg("Het ophalen is gestopt."),
        msg("De koppeling is intussen gewijzigd of uitgezet; wat kwam, hoorde misschien bij een andere administratie."),
        msg("Start de verbinding bij de instellingen en haal opnieuw op."),
        "credentials",
    ),
    runs.OUR_FAULT.key: Explanation(
        msg("Het ophalen is in Crafter misgegaan."),
        msg("Dat is een fout van ons; de bijzonderheden staan in het logboek van de server."),
        msg("Probeer het opnieuw. Blijft het misgaan, laat het ons dan weten."),
        "none",
    ),
    "call.day_spent": Explanation(
        msg("Crafter haalt vandaag niets meer op uit deze administratie."),
        msg("Per dag neemt e-Boekhouden.nl een beperkt aantal aanroepen aan; de laatste blijven voor facturen."),
        msg("U hoeft niets te doen: vannacht haalt Crafter ze vanzelf op."),
        "wait",
    ),
}


def sync_context(what: str, run: Any = None, refusal: Message | None = None, pressed: bool = True) -> SimpleNamespace:
    """Everything `sync/*.html` shows of `relations` or `articles`; `run` or `refusal` is what there is to tell.

    `pressed`: it answers a press, so its heading takes the focus. A run that did not end yet shows how far it is,
    whoever started it.
    """
    actor = present_actor()
    link = connection.present()
    state = link.shown_state
    last = runs.last_run(what)
    success = runs.last_success(what) if last is not None and last.error else last
    return SimpleNamespace(
        what=what,
        state=state,
        switched_off=what == "relations" and state.is_active and not link.sync_relations,
        may=actor.may("bookkeeping:sync"),
        settings_url=_settings_url(state) if actor.may("settings:read") else "",
        last=last,
        success=success,
        under_way=runs.under_way(what),
        paused_until=connection.paused_until(link),
        run=run if run is not None and run.finished_at else None,
        refusal=refusal,
        searched_enough=remarks.searched_enough(success.remark) if success and not success.complete else None,
        pressed=pressed,
        answered=pressed and run is not None,
        explanation=_explanation(run),
        mendable=run is not None and remarks.theirs_to_mend(run.remark),
    )


def _explanation(run: Any) -> Explanation | None:
    if run is None or not run.error:
        return None
    return deps().bookkeeping.explain(run.error_code) if run.error_code else _OURS.get(run.error.key)


def _settings_url(state: LinkState) -> str:
    return url_for("settings.features") if state.is_off else url_for("settings.bookkeeping")

"""The state of a work order: one transition table that buttons, services and tests all read."""

from __future__ import annotations

from dataclasses import dataclass

from domain.message import N_, Message
from domain.notes import note

DRAFT, PLANNED, STARTED, DONE, APPROVED, CANCELLED = (
    "draft",
    "planned",
    "started",
    "done",
    "approved",
    "cancelled",
)
STATES = (DRAFT, PLANNED, STARTED, DONE, APPROVED, CANCELLED)
OPEN = (DRAFT, PLANNED, STARTED)  # still to be done: may be planned and moved
STATE_NAMES = {
    DRAFT: N_("concept"),
    PLANNED: N_("ingepland"),
    STARTED: N_("in uitvoering"),
    DONE: N_("uitgevoerd"),
    APPROVED: N_("gecontroleerd"),
    CANCELLED: N_("geannuleerd"),
}
LINE_KINDS = ("article", "hours", "material", "travel", "text")
LINE_KIND_NAMES = {
    "article": N_("artikel"),
    "hours": N_("uren"),
    "material": N_("materiaal"),
    "travel": N_("voorrijden"),
    "text": N_("tekst"),
}


@dataclass(frozen=True)
class Transition:
    """One legal move: from, verb, to, the permission it asks, and the Dutch word on its button."""

    source: str
    verb: str
    target: str
    permission: str
    label: str


TRANSITIONS = (
    Transition(DRAFT, "plan", PLANNED, "work_order:plan", N_("Inplannen")),
    Transition(PLANNED, "unplan", DRAFT, "work_order:plan", N_("Terug naar werkvoorraad")),
    Transition(PLANNED, "start", STARTED, "work_order:perform", N_("Beginnen")),
    Transition(STARTED, "pause", PLANNED, "work_order:perform", N_("Toch nog niet begonnen")),
    Transition(STARTED, "finish", DONE, "work_order:perform", N_("Uitgevoerd")),
    # Shortcuts of daily life: small jobs that were never planned, or reported afterwards.
    Transition(DRAFT, "finish", DONE, "work_order:plan", N_("Uitgevoerd")),
    Transition(PLANNED, "finish", DONE, "work_order:perform", N_("Uitgevoerd")),
    Transition(DONE, "resume", STARTED, "work_order:plan", N_("Toch niet klaar")),
    Transition(DONE, "approve", APPROVED, "work_order:approve", N_("Gecontroleerd")),
    Transition(APPROVED, "reopen", DONE, "work_order:approve", N_("Heropenen")),
    Transition(DRAFT, "cancel", CANCELLED, "work_order:plan", N_("Annuleren")),
    Transition(PLANNED, "cancel", CANCELLED, "work_order:plan", N_("Annuleren")),
    Transition(STARTED, "cancel", CANCELLED, "work_order:plan", N_("Annuleren")),
    Transition(CANCELLED, "revive", DRAFT, "work_order:plan", N_("Toch uitvoeren")),
)
# States in which the content of an order may change, as long as no invoice posting locks it.
EDITABLE = frozenset({DRAFT, PLANNED, STARTED, DONE, APPROVED})


def transition(source: str, verb: str) -> Transition | None:
    """The legal move with this verb from this state, or None."""
    return next((row for row in TRANSITIONS if row.source == source and row.verb == verb), None)


def why_not(source: str, verb: str) -> Message:
    """Why a move is not legal, for the screen."""
    return note("order.step_too_late", state=state_note(source))


def state_note(state: str) -> Message:
    """A state's name, as a row can hold it."""
    return Message(STATE_NAMES.get(state, state), key=f"order_state.{state}")

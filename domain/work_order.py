"""The state of a work order: one transition table that buttons, services and tests all read."""

from __future__ import annotations

from dataclasses import dataclass

from domain.message import Message
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
STATE_NAMES = {
    DRAFT: "concept",
    PLANNED: "ingepland",
    STARTED: "in uitvoering",
    DONE: "uitgevoerd",
    APPROVED: "gecontroleerd",
    CANCELLED: "geannuleerd",
}
LINE_KINDS = ("article", "hours", "material", "travel", "text")
LINE_KIND_NAMES = {
    "article": "artikel",
    "hours": "uren",
    "material": "materiaal",
    "travel": "voorrijden",
    "text": "tekst",
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
    Transition(DRAFT, "plan", PLANNED, "work_order:plan", "Inplannen"),
    Transition(PLANNED, "unplan", DRAFT, "work_order:plan", "Terug naar werkvoorraad"),
    Transition(PLANNED, "start", STARTED, "work_order:perform", "Beginnen"),
    Transition(STARTED, "pause", PLANNED, "work_order:perform", "Toch nog niet begonnen"),
    Transition(STARTED, "finish", DONE, "work_order:perform", "Uitgevoerd"),
    # Shortcuts of daily life: small jobs that were never planned, or reported afterwards.
    Transition(DRAFT, "finish", DONE, "work_order:plan", "Uitgevoerd"),
    Transition(PLANNED, "finish", DONE, "work_order:perform", "Uitgevoerd"),
    Transition(DONE, "resume", STARTED, "work_order:plan", "Toch niet klaar"),
    Transition(DONE, "approve", APPROVED, "work_order:approve", "Gecontroleerd"),
    Transition(APPROVED, "reopen", DONE, "work_order:approve", "Heropenen"),
    Transition(DRAFT, "cancel", CANCELLED, "work_order:plan", "Annuleren"),
    Transition(PLANNED, "cancel", CANCELLED, "work_order:plan", "Annuleren"),
    Transition(STARTED, "cancel", CANCELLED, "work_order:plan", "Annuleren"),
    Transition(CANCELLED, "revive", DRAFT, "work_order:plan", "Toch uitvoeren"),
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

"""The states of an invoice posting and what each allows (design section 2)."""

from __future__ import annotations

from domain.outcome import NUMBER_TAKEN, NotSent, Outcome, Posted, Refused, Uncertain

WAITING, SENDING, POSTED, REFUSED, NOT_SENT, UNCERTAIN, CONFLICT, ABANDONED = (
    "waiting",
    "sending",
    "posted",
    "refused",
    "not_sent",
    "uncertain",
    "conflict",
    "abandoned",
)
STATES = (WAITING, SENDING, POSTED, REFUSED, NOT_SENT, UNCERTAIN, CONFLICT, ABANDONED)
STATE_NAMES = {
    WAITING: "wacht",
    SENDING: "bezig",
    POSTED: "geplaatst",
    REFUSED: "geweigerd",
    NOT_SENT: "niet verstuurd",
    UNCERTAIN: "onzeker",
    CONFLICT: "tegenstrijdig",
    ABANDONED: "vervallen",
}
# The order's content is frozen while an invoice of it may exist over there.
LOCKS_ORDER = frozenset({WAITING, SENDING, POSTED, UNCERTAIN, CONFLICT})
# A new attempt is safe: certain that no invoice exists under the number.
MAY_SEND_AGAIN = frozenset({REFUSED, NOT_SENT})
# One posting in any of these per order; an abandoned one makes room for another.
LIVE = frozenset(STATES) - {ABANDONED}
NEEDS_LOOK_UP = frozenset({SENDING, UNCERTAIN})

FREEING_OUTCOMES = frozenset({REFUSED, NOT_SENT})

HELD, NUMBER_POSTED, FREE, TAKEN, VOID = "held", "posted", "free", "taken", "void"
NUMBER_STATES = (HELD, NUMBER_POSTED, FREE, TAKEN, VOID)
NUMBER_STATE_NAMES = {
    HELD: "in gebruik voor een open plaatsing",
    NUMBER_POSTED: "geplaatst",
    FREE: "weer vrij",
    TAKEN: "daar al in gebruik",
    VOID: "vervallen",
}


def state_after(outcome: Outcome) -> str:
    """The posting state an outcome leads to. A taken number is looked up first: until then it is uncertain."""
    match outcome:
        case Posted():
            return POSTED
        case Refused(code=code):
            return UNCERTAIN if code == NUMBER_TAKEN else REFUSED
        case NotSent():
            return NOT_SENT
        case Uncertain():
            return UNCERTAIN

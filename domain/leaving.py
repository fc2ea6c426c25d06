"""What becomes of an invoice that is open in an administration when the link with that is changed or undone."""

from __future__ import annotations

from domain import posting as states
from domain.message import Message, msg

OPEN = frozenset(states.STATES) - {states.POSTED, states.ABANDONED}


def becomes(state: str, attempted_uncertain: bool) -> Message:
    """In words, for one of OPEN."""
    if state == states.SENDING:
        return msg("Het antwoord wordt nog afgewacht. Blijft dat uit, dan weet niemand of hij is aangekomen.")
    if state == states.UNCERTAIN:
        return msg("Wordt niet meer opgezocht, tot u deze administratie weer koppelt. Tot dan weet niemand of hij daar "
                   "staat, of u laat hem vervallen, met een reden.")  # fmt: skip
    if state == states.CONFLICT:
        return msg("Vergelijken kan dan niet meer. Overnemen of laten vervallen kan nog wel.")
    if state == states.GONE:
        return msg("Opnieuw versturen kan pas weer als deze administratie is gekoppeld. Laten vervallen kan wel.")
    if states.may_move_on(state, attempted_uncertain):
        return msg("Is zeker niet aangekomen. Verstuurt u hem later, dan gaat hij onder een nieuw nummer naar de "
                   "administratie die dan is gekoppeld.")  # fmt: skip
    return msg("Is niet aangekomen. Naar een andere administratie gaat hij pas nadat u deze plaatsing laat vervallen.")

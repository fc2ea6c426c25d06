"""What becomes of an invoice that is open in an administration when the link with that is changed or undone."""

from __future__ import annotations

from datetime import timedelta

from domain import posting as states
from domain.message import Message, msg

OPEN = frozenset(states.STATES) - {states.POSTED, states.ABANDONED}
# What is still looked up there, so that the codes may be kept for it.
LOOKED_UP = states.NEEDS_LOOK_UP | {states.CONFLICT, states.GONE}
# How long after it was posted there an invoice that was never read back is waited for.
READ_BACK_WITHIN = timedelta(days=2)


def looked_up(state: str, attempted_uncertain: bool) -> Message:
    """In words, for one of OPEN, when the codes are kept to look it up."""
    if state == states.SENDING:
        return msg("Het antwoord wordt nog afgewacht. Blijft dat uit, dan zoekt Crafter hem daar op.")
    if state == states.UNCERTAIN:
        return msg("Wordt daar verder opgezocht. Staat hij er niet, dan wordt hij niet vanzelf opnieuw verstuurd: u "
                   "koppelt die administratie weer, of u laat hem vervallen.")  # fmt: skip
    if state == states.CONFLICT:
        return msg("Beide kanten vergelijken kan nog, en overnemen of laten vervallen ook. Het volgende nummer nemen "
                   "kan pas als deze administratie weer is gekoppeld.")  # fmt: skip
    if state == states.GONE:
        return msg("Opnieuw versturen kan pas weer als deze administratie is gekoppeld. Laten vervallen kan: dan zoekt "
                   "Crafter eerst nog een keer.")  # fmt: skip
    return becomes(state, attempted_uncertain)


def becomes(state: str, attempted_uncertain: bool) -> Message:
    """In words, for one of OPEN, when nobody can look it up any more."""
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

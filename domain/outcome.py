"""Which answer of the bookkeeping means what: one pure function and its four results.

The table is section 2 of the design: anything that is not a proof of yes or of no is uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.message import NOTHING, Message
from domain.notes import note

NUMBER_TAKEN = "CFACT026"


@dataclass(frozen=True)
class Posted:
    """The bookkeeping has the invoice under this number."""

    number: str


@dataclass(frozen=True)
class Refused:
    """A certain no: their code and their own text."""

    code: str
    text: str


@dataclass(frozen=True)
class Uncertain:
    """It may have arrived. `why` is technical, for the small print."""

    why: Message


@dataclass(frozen=True)
class NotSent:
    """Certain that nothing of the invoice left. `code` and `text` are theirs when a session was refused."""

    why: Message
    code: str = ""
    text: str = ""


Outcome = Posted | Refused | Uncertain | NotSent


@dataclass(frozen=True)
class Observed:
    """What was seen of one AddFactuur.

    left: whether any byte of it may have left; answered: a well-formed answer of that operation came back;
    code, text, number: what that answer said; why: what happened otherwise.
    """

    left: bool
    answered: bool = False
    code: str = ""
    text: str = ""
    number: str = ""
    why: Message = NOTHING


def is_session_problem(code: str) -> bool:
    """E002.*: the session is unknown, expired or closed; the dot gets lost in some answers (contract 6)."""
    return code.replace(".", "").startswith("E002")


def is_credentials_problem(code: str) -> bool:
    """E001.*: username or security codes are not (or no longer) right."""
    return code.replace(".", "").startswith("E001")


def is_not_carried_out(code: str) -> bool:
    """Codes given before the operation itself is looked at: session, credentials, call limit (E003.1)."""
    return is_session_problem(code) or is_credentials_problem(code) or code.replace(".", "") == "E0031"


def classify(observed: Observed, ours: str) -> Outcome:
    """The outcome of one AddFactuur sent under our number `ours`."""
    if not observed.left:
        return NotSent(observed.why, observed.code, observed.text)
    if not observed.answered:
        return Uncertain(observed.why or note("call.no_proof"))
    if observed.code:
        if is_not_carried_out(observed.code):
            return NotSent(observed.why or note("call.session_refused"), observed.code, observed.text)
        return Refused(observed.code, observed.text)
    if observed.number == ours:
        return Posted(observed.number)
    return Uncertain(note("call.other_number", theirs=repr(observed.number), ours=repr(ours)))

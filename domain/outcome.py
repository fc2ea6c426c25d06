"""Which answer of the bookkeeping means what: one pure function and its four results.

Anything that is not a proof of yes or of no is uncertain. What an error of theirs comes down to is said in our words
(Problem); their own code and text are only quoted, to people and to whoever explains them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.message import NOTHING, Message
from domain.notes import note


class Problem(StrEnum):
    """What an error of a bookkeeping comes down to. A gateway tells it; whatever is decided, is decided by it."""

    NONE = ""
    CREDENTIALS = "credentials"  # these do not (or no longer) open the books
    SESSION = "session"  # it is not known over there, expired or closed
    LIMIT = "limit"  # no more calls are taken for now
    DAY_LIMIT = "day_limit"  # no more calls are taken today
    NUMBER_TAKEN = "number_taken"  # an invoice has this number already
    CODE_TAKEN = "code_taken"  # another relation has this code
    OTHER = "other"  # a certain no of another kind


# nothing to mend: it passes by itself
LIMITS = frozenset({Problem.LIMIT, Problem.DAY_LIMIT})
# told before the operation itself is looked at, so nothing of it was carried out
NOT_CARRIED_OUT = frozenset({Problem.CREDENTIALS, Problem.SESSION, *LIMITS})


@dataclass(frozen=True)
class Posted:
    """The bookkeeping has the invoice under this number."""

    number: str


@dataclass(frozen=True)
class Refused:
    """A certain no: their code and their own text, and what it comes down to."""

    code: str
    text: str
    problem: Problem = Problem.OTHER


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
    problem: Problem = Problem.NONE


Outcome = Posted | Refused | Uncertain | NotSent


@dataclass(frozen=True)
class Observed:
    """What was seen of one invoice being sent.

    left: whether any byte of it may have left; answered: a well-formed answer to it came back; problem, code, text,
    number: what that answer said; why: what happened otherwise.
    """

    left: bool
    answered: bool = False
    code: str = ""
    text: str = ""
    number: str = ""
    why: Message = NOTHING
    problem: Problem = Problem.NONE


def classify(observed: Observed, ours: str) -> Outcome:
    """The outcome of one invoice sent under our number `ours`."""
    if not observed.left:
        return NotSent(observed.why, observed.code, observed.text, observed.problem)
    if not observed.answered:
        return Uncertain(observed.why or note("call.no_proof"))
    if observed.problem:
        if observed.problem in NOT_CARRIED_OUT:
            why = observed.why or note("call.session_refused")
            return NotSent(why, observed.code, observed.text, observed.problem)
        return Refused(observed.code, observed.text, observed.problem)
    if observed.number == ours:
        return Posted(observed.number)
    return Uncertain(note("call.other_number", theirs=repr(observed.number), ours=repr(ours)))

"""What a run tells about records of theirs that could not be taken as they stood."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from domain.message import NOTHING, Message, as_written
from domain.notes import note
from gateways.bookkeeping import Odd, OddRow

_NAMED = 10


SEARCHED_ENOUGH, PUT_BACK = "run.searched_enough", "run.put_back"


def remark(odd: Sequence[OddRow], why: Message = NOTHING, put_back: Sequence[str] = ()) -> Message:
    """`why` a search did not go on, the records by name, one sentence for each way of being odd, and the names of those
    that were corrected here and follow theirs all the same; NOTHING when there is nothing of these."""
    told = [note(SEARCHED_ENOUGH, why=why)] if why else []
    told += [_named(f"run.{how.value}", [one.name for one in odd if one.how is how]) for how in Odd]
    told.append(_named(PUT_BACK, put_back))
    sentences = [one for one in told if one]
    return reduce(lambda one, other: note("run.several", one=one, other=other), sentences) if sentences else NOTHING


def _named(key: str, names: Sequence[str]) -> Message:
    if not names:
        return NOTHING
    told = [as_written(name) or note("run.nameless") for name in names[:_NAMED]]
    more = [note("run.more", n=len(names) - _NAMED)] if len(names) > _NAMED else []
    return note(key, names=[*told, *more])


def searched_enough(said: Message) -> Message:
    """What a run's remark says of a search that did not go on; NOTHING when it says nothing of that."""
    return next((one for one in _sentences(said) if one.key == SEARCHED_ENOUGH), NOTHING)


def theirs_to_mend(said: Message) -> bool:
    """Whether a run's remark names records that can be mended over there."""
    return any(one.key not in {SEARCHED_ENOUGH, PUT_BACK} for one in _sentences(said))


def _sentences(said: Message) -> list[Message]:
    if said.key != "run.several":
        return [said] if said else []
    return [
        one for part in ("one", "other") if isinstance(told := said.values[part], Message) for one in _sentences(told)
    ]

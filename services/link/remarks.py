"""What a run tells about records of theirs that could not be taken as they stood."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from domain.message import NOTHING, Message, as_written
from domain.notes import note
from gateways.bookkeeping import Odd, OddRow

_NAMED = 10


def remark(odd: Sequence[OddRow]) -> Message:
    """The records by name, one sentence for each way of being odd; NOTHING when there are none."""
    told = [_named(f"run.{how.value}", [one.name for one in odd if one.how is how]) for how in Odd]
    sentences = [one for one in told if one]
    return reduce(lambda one, other: note("run.several", one=one, other=other), sentences) if sentences else NOTHING


def _named(key: str, names: Sequence[str]) -> Message:
    if not names:
        return NOTHING
    told = [as_written(name) or note("run.nameless") for name in names[:_NAMED]]
    more = [note("run.more", n=len(names) - _NAMED)] if len(names) > _NAMED else []
    return note(key, names=[*told, *more])

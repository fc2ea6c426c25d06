"""What a run tells about records of theirs that could not be taken as they stood."""

from __future__ import annotations

from collections.abc import Sequence

from domain.message import NOTHING, Message, as_written
from domain.notes import note
from gateways.bookkeeping import OddRow

_NAMED = 10


def remark(odd: Sequence[OddRow]) -> Message:
    """The records by name: those that were passed over, and those of which a character was replaced; or NOTHING."""
    unreadable = _named("run.unreadable", [one.name for one in odd if one.lost])
    cleaned = _named("run.cleaned", [one.name for one in odd if not one.lost])
    if unreadable and cleaned:
        return note("run.both", unreadable=unreadable, cleaned=cleaned)
    return unreadable or cleaned


def _named(key: str, names: Sequence[str]) -> Message:
    if not names:
        return NOTHING
    told = [as_written(name) or note("run.nameless") for name in names[:_NAMED]]
    more = [note("run.more", n=len(names) - _NAMED)] if len(names) > _NAMED else []
    return note(key, names=[*told, *more])

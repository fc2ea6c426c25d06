"""What others did to a row while somebody had its form open: by field, so that nobody overwrites what he did not see.

A form carries what its fields were when it was opened (`Opened`, as digests: equal or not is all that is asked). When
it is sent, the service holds that, what was typed and what stands now beside each other, under the row's lock.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from domain.message import Refusal, msg
from domain.visible import bare

Typed = TypeVar("Typed")
_DIGEST = re.compile(r"([a-z][a-z0-9_]{0,40}):([0-9a-f]{16})")


class Changed(Refusal):
    """Others changed the same fields to something else. `stands`: what those hold now, by the form's field; `opened`:
    what the form carries when it is shown again, so that the next press is made knowingly; `who` changed the row last,
    and when, where that is known."""

    def __init__(self, stands: Mapping[str, Any], opened: Opened) -> None:
        super().__init__(
            msg(
                "Iemand anders heeft dit intussen ook gewijzigd. Kijk bij de velden hieronder: neem over wat er nu "
                "staat, of druk nog een keer om dat te vervangen door wat u invulde."
            )
        )
        self.stands = stands
        self.opened = opened
        self.who = ""
        self.when: datetime | None = None


@dataclass(frozen=True)
class Unshown:
    """A value that is compared and never shown, as it is kept (sealed)."""

    kept: str


@dataclass
class Opened:
    """What a form's fields were when it was opened; empty: nobody looked, so all that is typed counts.

    `taken`: fields of which somebody chose what stands now over what is typed. `untouched`: fields of which the form
    itself knows that nothing was typed. `left`: after settling, the fields that only others changed.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    taken: Set[str] = frozenset()
    untouched: Set[str] = frozenset()
    left: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, stands: Any) -> Opened:
        """Of a form that is opened on these values: a dataclass, or a mapping by field."""
        return cls({name: _digest(value) for name, value in named(stands).items()})

    @classmethod
    def read(cls, text: str, taken: Set[str] = frozenset()) -> Opened:
        """From the form's own text; what is mangled in it is left out."""
        return cls({found[1]: found[2] for part in text.split() if (found := _DIGEST.fullmatch(part))}, taken)

    def __str__(self) -> str:
        return " ".join(f"{name}:{digest}" for name, digest in self.digests.items())

    def same(self, name: str, value: Any) -> bool:
        """Whether this field still holds what it did."""
        return self.digests.get(name) == _digest(value)

    def settle(self, typed: Typed, stands: Any) -> Typed:
        """What is to be written, of what was typed and what stands now: both dataclasses or mappings with the same
        fields. Only what this person changed differs from what stands. Raises Changed where others did so too."""
        mine, theirs = named(typed), named(stands)
        kept: dict[str, Any] = {}
        conflicts: dict[str, Any] = {}
        self.left = []
        for name in mine.keys() & theirs.keys() & self.digests.keys():
            opened, present = self.digests[name], _digest(theirs[name])
            if name in self.taken | self.untouched or _digest(mine[name]) == opened:
                kept[name] = theirs[name]
                if present != opened and name not in self.taken:
                    self.left.append(name)
            elif present not in {opened, _digest(mine[name])}:
                conflicts[name] = theirs[name]
        if conflicts:
            seen = {name: _digest(value) for name, value in conflicts.items()}
            raise Changed(conflicts, Opened({**self.digests, **seen}))
        if isinstance(typed, Mapping):
            return {**typed, **kept}  # type: ignore[return-value]
        return replace(typed, **kept)  # type: ignore[type-var]


def named(values: Any) -> dict[str, Any]:
    """The values of a dataclass, or of a mapping, by field."""
    if isinstance(values, Mapping):
        return dict(values)
    return {one.name: getattr(values, one.name) for one in fields(values)}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(value)).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """A value as it is compared: how it was typed or is kept makes no difference."""
    if value is None:
        return ""
    if isinstance(value, str):
        return bare(value.replace("\r\n", "\n"))
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(tuple(named(value).values()))
    return value if isinstance(value, bool | int) else str(value)

"""docs/sandbox.md names what there is: kinds of mischief, switches with their values, options, requests."""

from __future__ import annotations

import re
from dataclasses import asdict
from math import prod
from pathlib import Path

from sandbox.mischief import KINDS
from sandbox.switches import CHOICES, Switches

_PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


def _rows(heading: str) -> dict[str, str]:
    """The rows of the table under a heading: first cell without backticks, and the rest."""
    part = _PAGE.partition(f"### {heading}\n")[2].partition("\n#")[0]
    return dict(re.findall(r"^\| `(\w+)` \|(.*)$", part, re.M))


def test_every_kind_of_mischief_is_described_and_no_other() -> None:
    assert set(_rows("Mischief")) == set(KINDS)


def test_every_switch_is_described_with_its_values_and_the_default_first() -> None:
    rows = _rows("Switches")
    assert set(rows) == set(CHOICES)
    for name, choices in CHOICES.items():
        values = re.findall(r"`([^`]*)`", rows[name].partition("|")[0])
        assert set(values) == {str(choice).lower() for choice in choices}
        assert values[0] == str(asdict(Switches())[name]).lower()
    assert f"Of these, {prod(map(len, CHOICES.values()))} combinations" in _PAGE

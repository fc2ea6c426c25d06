"""docs/sandbox.md names what there is: kinds of mischief, switches with their values, options, requests."""

from __future__ import annotations

import re
from dataclasses import asdict
from math import prod
from pathlib import Path

from sandbox.mischief import KINDS
from sandbox.switches import CHOICES, RULES, Switches

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
    forms = prod(len(choices) for name, choices in CHOICES.items() if name not in RULES)
    assert f"Of the others, which are forms, {forms} combinations" in _PAGE
    assert all(f"`{name}`" in _PAGE.partition("are rules:")[2].partition(".")[0] for name in RULES)

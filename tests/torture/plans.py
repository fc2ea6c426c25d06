"""Which cases are played: every kill point, every mischief, and the ways to go through their product."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from tests.torture.lane import Case, Round
from tests.torture.stage import LATE_SECONDS, TIGHT

# Commit 1 writes the intent, commit 2 the outcome. "@0.15": that long after the last byte, so the answer lies ready
# but none of it is read ("before the first answer byte").
PRESS_POINTS = (
    "OpenSession.before_first_byte",
    "before_commit:1",
    "after_commit:1",
    "AddFactuur.before_first_byte",
    "AddFactuur.mid_request",
    "AddFactuur.after_last_byte",
    "AddFactuur.after_last_byte@0.15",
    "AddFactuur.mid_answer",
    "AddFactuur.after_answer",
    "before_commit:2",
    "after_commit:2",
)
RECOVERY_POINTS = (
    "GetFacturen.before_first_byte",
    "GetFacturen.after_last_byte",
    "GetFacturen.after_answer",
    "before_commit:1",
    "after_commit:1",
    "AddFactuur.before_first_byte",
    "AddFactuur.mid_request",
    "AddFactuur.after_last_byte",
    "AddFactuur.mid_answer",
    "AddFactuur.after_answer",
    "before_commit:2",
    "after_commit:2",
)
_SLOW = TIGHT.post_seconds + 0.3
NO_MISCHIEF = None
MISCHIEF: tuple[dict[str, Any] | None, ...] = (
    NO_MISCHIEF,
    {"kind": "lost_answer"},
    {"kind": "reset_before"},
    {"kind": "late_act", "seconds": LATE_SECONDS},
    {"kind": "reset_mid"},
    {"kind": "slow", "seconds": _SLOW},
)
MORE_MISCHIEF: tuple[dict[str, Any], ...] = (
    {"kind": "slow", "seconds": LATE_SECONDS / 2},
    {"kind": "slow", "seconds": _SLOW, "act": "after"},
    {"kind": "reset_during", "seconds": LATE_SECONDS},
    {"kind": "reset_after"},
    {"kind": "half_answer"},
    {"kind": "drip", "seconds": _SLOW},
    {"kind": "empty_200"},
    {"kind": "http_500_fault"},
    {"kind": "html_503"},
    {"kind": "truncated_xml"},
    {"kind": "wrong_content_type"},
    {"kind": "redirect"},
    {"kind": "expired_session"},
    {"kind": "refuse"},
)


def _on_the_invoice(mischief: dict[str, Any] | None) -> dict[str, Any] | None:
    return mischief and {"operation": "AddFactuur"} | mischief


def pairwise(lanes: int) -> list[list[Round]]:
    """Every point × every mischief of the short list once; used numbers and pressers take turns, pairwise. By lane."""
    by_switch: dict[str, list[Case]] = {"refuse": [], "let_through": []}
    for (p, point), (m, mischief) in itertools.product(enumerate(PRESS_POINTS), enumerate(MISCHIEF)):
        used = "refuse" if (p + m) % 2 else "let_through"
        pressers = 3 if (p + m // 2) % 2 else 1
        by_switch[used].append(Case(point, _on_the_invoice(mischief), pressers))
    rounds = []
    size = -(-sum(map(len, by_switch.values())) // lanes)
    killers = itertools.cycle(RECOVERY_POINTS)
    for used, cases in by_switch.items():
        for start in range(0, len(cases), size):
            chosen = tuple(cases[start : start + size])
            rounds.append(Round(chosen, used, tuple(next(killers) for _ in range(2))))
    return [rounds[lane::lanes] for lane in range(lanes)]


def endless(seed: int, cases_each: int = 10, kills: int = 6) -> Iterator[Round]:
    """The full product of points, all mischief, used numbers and pressers, over and over in a shuffled order."""
    dice = random.Random(seed)
    while True:
        product = list(itertools.product(("", *PRESS_POINTS), (*MISCHIEF, *MORE_MISCHIEF), (1, 1, 3)))
        for used in ("refuse", "let_through"):
            dice.shuffle(product)
            for start in range(0, len(product), cases_each):
                cases = tuple(Case(p, _on_the_invoice(m), n) for p, m, n in product[start : start + cases_each])
                yield Round(cases, used, tuple(dice.choice(RECOVERY_POINTS) for _ in range(kills)))

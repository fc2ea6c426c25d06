"""What a tester may make go wrong: rules per administration, each used up as calls come in."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.schema import OPERATIONS
from sandbox.wishes import WrongWish

# per kind: whether the operation is carried out when the rule does not say so
KINDS: dict[str, str] = {
    "slow": "before",
    "lost_answer": "before",
    "reset_before": "never",
    "reset_during": "after",
    "reset_after": "before",
    "reset_mid": "before",
    "half_answer": "before",
    "late_act": "after",
    "drip": "before",
    "empty_200": "before",
    "http_500_fault": "never",
    "html_503": "never",
    "truncated_xml": "before",
    "wrong_content_type": "before",
    "redirect": "never",
    "expired_session": "before",
    "other_totals": "before",
    "refuse": "before",
    "number_taken": "before",
    "limit_reached": "before",
    "password_changed": "before",
}
# kinds that mean nothing for any other operation
_ONLY_FOR: dict[str, tuple[str, ...]] = {
    "expired_session": tuple(
        name
        for name, operation in OPERATIONS.items()
        if {"SessionID", "SecurityCode2"} <= {field.name for field in operation.request}
    ),
    "other_totals": ("GetFacturen",),
    "password_changed": ("OpenSession", "OpenSessionSub"),
    "number_taken": ("AddFactuur",),
    "limit_reached": ("AddFactuur",),
}
_LASTING = ("password_changed",)
_ACTS = ("before", "after", "never")


@dataclass
class Rule:
    """One rule.

    `operation` is a name or "*"; `skip` calls pass unharmed first, then `times` calls are hit. `seconds` is
    the length of a wait, `act` says whether the operation is carried out before the wait, after it, or
    never; `code` and `text` are what `refuse` answers.
    """

    kind: str
    operation: str = "*"
    times: int = 1
    skip: int = 0
    seconds: float = 1.0
    act: str = ""
    code: str = "CFACT028"
    text: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise WrongWish(f"unknown kind {self.kind!r}; there are {', '.join(KINDS)}")
        self.act = self.act or KINDS[self.kind]
        if self.act not in _ACTS:
            raise WrongWish(f"act is one of {', '.join(_ACTS)}")
        only = _ONLY_FOR.get(self.kind, ())
        if self.operation != "*" and (self.operation not in OPERATIONS or (only and self.operation not in only)):
            raise WrongWish(f"operation is * or one of {', '.join(only or OPERATIONS)}")
        self.times, self.skip, self.seconds = int(self.times), int(self.skip), float(self.seconds)
        if self.times < 1 or self.skip < 0 or not 0 <= self.seconds <= 600:
            raise WrongWish("times is at least 1, skip at least 0, seconds between 0 and 600")

    def concerns(self, operation: str) -> bool:
        """Whether it may hit this operation."""
        only = _ONLY_FOR.get(self.kind, ())
        return self.operation == operation or (self.operation == "*" and (not only or operation in only))


class Mischief:
    """The rules in force. They live in memory: a restart ends all mischief."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, list[Rule]] = {}

    def put(self, administration: str, rules: Any) -> None:
        """Replace the rules of an administration by those of a JSON list. Raises WrongWish."""
        read = [_rule(item) for item in _list(rules)]
        with self._lock:
            self._rules[administration] = read

    def clear(self, administration: str | None) -> None:
        """Drop the rules of one administration, or of all (None)."""
        with self._lock:
            if administration is None:
                self._rules.clear()
            else:
                self._rules.pop(administration, None)

    def left(self, administration: str) -> list[dict[str, Any]]:
        """The rules that are not used up."""
        with self._lock:
            return [asdict(rule) for rule in self._rules.get(administration, [])]

    def take(self, administration: str | None, operation: str) -> Rule | None:
        """The rule that hits this call, if any; it is counted as used."""
        if administration is None:
            return None
        with self._lock:
            rules = self._rules.get(administration, [])
            for rule in rules:
                if not rule.concerns(operation):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.kind not in _LASTING:
                    rule.times -= 1
                    if rule.times == 0:
                        rules.remove(rule)
                return rule
        return None


def _list(rules: Any) -> Iterable[Any]:
    if not isinstance(rules, list):
        raise WrongWish("mischief is a JSON list of rules")
    return rules


def _rule(item: Any) -> Rule:
    if not isinstance(item, dict) or "kind" not in item:
        raise WrongWish("a rule is a JSON object with at least a kind")
    unknown = set(item) - {field.name for field in fields(Rule)}
    if unknown:
        raise WrongWish(f"unknown in a rule: {', '.join(sorted(unknown))}")
    try:
        return Rule(**item)
    except TypeError as why:
        raise WrongWish(str(why)) from None

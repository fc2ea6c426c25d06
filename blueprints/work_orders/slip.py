"""The slip of a credit, above the strook of the invoice that it takes back, and that of a term before the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blueprints._doors import present_actor
from blueprints.work_orders.strook import explanation
from domain.posting import UNCERTAIN, may_give_up, may_give_up_unknown
from gateways.bookkeeping import Explanation
from services.invoicing import press, recovery
from services.link import connection


@dataclass(frozen=True)
class Slip:
    """A credit and what there is to say of it. explanation: why it came to nothing, as far as known; interrupted: under
    way, and whoever was at it is gone; may_let_go: this person may; fresh: it was just swapped in;
    n: of this term of its order, before the last."""

    posting: Any
    explanation: Explanation | None
    interrupted: bool
    may_let_go: bool
    fresh: bool
    n: int = 0


def of(posting: Any, fresh: bool, n: int = 0) -> Slip:
    """The slip of this credit, or of the term `n` that this bills."""
    return Slip(posting, explanation(posting), recovery.is_interrupted(posting), may_let_go(posting), fresh, n)


def may_let_go(live: Any) -> bool:
    """Whether this person may let a posting go: only then comes true what the page promises."""
    if may_give_up(live.state):
        return True
    can_ask = live.state != UNCERTAIN or connection.can_ask(live.administration)
    return may_give_up_unknown(live.state, can_ask) and present_actor().may(press.GIVES_UP_UNKNOWN)

"""Whom a relation code leads to over there: the customer an invoice is for, or somebody else.

The bookkeeping sends an invoice to whoever has its code. Codes are handed on: to a successor, or by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from domain import moments
from domain.message import NOTHING, Message
from domain.relation import RelationDetails
from domain.visible import reads_the_same

# what tells one customer from another on an invoice
TOLD_BY = ("name", "address", "postcode", "city", "country")


class Found(Enum):
    """What stands under the code. SAME: the customer, as we know them. CHANGED: the customer, otherwise named or
    addressed; ours follow. ADOPTED: the customer, whose id we did not know yet. NOBODY: the code is free, which they
    refuse by themselves. ANOTHER: somebody who has another id. STRANGER: somebody of another name, while we do not
    know the id of ours. The last two keep an invoice back."""

    SAME = auto()
    CHANGED = auto()
    ADOPTED = auto()
    NOBODY = auto()
    ANOTHER = auto()
    STRANGER = auto()

    @property
    def keeps_back(self) -> bool:
        """Whether an invoice under the code would go to somebody else, as far as anybody can tell."""
        return self in {Found.ANOTHER, Found.STRANGER}

    @property
    def is_followed(self) -> bool:
        """Whether our row of the customer is brought in step with theirs."""
        return self in {Found.CHANGED, Found.ADOPTED}


def compare(ours: RelationDetails, our_id: int | None, theirs: RelationDetails | None, their_id: int | None) -> Found:
    """Whom the code of our customer leads to. The ids are the bookkeeping's; ours is None while it is not known."""
    if theirs is None:
        return Found.NOBODY
    if our_id is None:
        return Found.ADOPTED if reads_the_same(ours.name, theirs.name) else Found.STRANGER
    if our_id != their_id:
        return Found.ANOTHER
    same = all(reads_the_same(getattr(ours, name), getattr(theirs, name)) for name in TOLD_BY)
    return Found.SAME if same else Found.CHANGED


def is_warm(seen_at: datetime | None, now: datetime, within: timedelta, since: datetime | None = None) -> bool:
    """Whether a customer was seen over there so lately that nobody asks again: `within` so long, or `since` a bulk job
    began. A moment that lies ahead was written by a clock that was put back, and says nothing."""
    if seen_at is None or moments.is_ahead(seen_at, now):
        return False
    return seen_at >= now - within or (since is not None and seen_at >= since)


# What asking ahead of a press comes to, as notes. CHANGED is also what follows from it; the first two keep it back.
ANOTHER, STRANGER = "customer.another", "customer.stranger"
CHANGED, NOBODY = "posting.customer_changed", "customer.nobody"
ASKING, NOT_ASKED = "customer.asking", "customer.not_asked"
SAYS = {Found.ANOTHER: ANOTHER, Found.STRANGER: STRANGER, Found.CHANGED: CHANGED, Found.NOBODY: NOBODY}


@dataclass(frozen=True)
class Standing:
    """What is known lately of whom a customer's code leads to: asked or seen `at`, None when nobody asked. `said`: what
    there is to say of it, NOTHING when it is the customer as we know them."""

    at: datetime | None = None
    said: Message = NOTHING

    @property
    def keeps_back(self) -> bool:
        """Whether the code was found to lead to somebody else."""
        return self.said.key in {ANOTHER, STRANGER}

    @property
    def is_ours(self) -> bool:
        """Whether the code was seen to lead to the customer."""
        return self.at is not None and (not self.said or self.said.key == CHANGED)


def standing(
    code: str,
    asked_at: datetime | None,
    said: Message,
    seen_at: datetime | None,
    now: datetime,
    within: timedelta,
) -> Standing:
    """What counts of what was asked ahead of a press, and of what was seen for one. What was asked about another code
    says nothing any more, and neither does what was asked before the customer was seen."""
    about_this = not said or said.values.get("code") == code
    if asked_at is not None and about_this and is_warm(asked_at, now, within) and asked_at >= (seen_at or asked_at):
        return Standing(asked_at, said)
    return Standing(seen_at) if is_warm(seen_at, now, within) else Standing()


_WITH_ITS_OWN_LOOK = moments.CLOCKS_DIFFER  # a press looks and sends within that


def went_out_unsure(
    sent_at: datetime | None, read: Iterable[datetime | None], seen_at: datetime | None, now: datetime
) -> bool:
    """Whether an invoice went out after its customer's code was last seen right: in a list that was `read` then, or
    by the look before a press, `seen_at`. The invoice for which that look was made counts as seen. A moment that lies
    ahead was written by a clock that was put back, and says nothing."""
    if sent_at is None:
        return False
    known = [one for one in read if one is not None and not moments.is_ahead(one, now)]
    if seen_at is not None and not moments.is_ahead(seen_at, now):
        known.append(seen_at + _WITH_ITS_OWN_LOOK)
    return all(sent_at > one for one in known)

"""What of a work order may be billed, and once: claims, rounds, and how far an order is billed.

A posting claims a share of an order: the whole of it, one term of several, or the credit of an earlier posting. Claims
belong to a round of the order; a next round opens only once everything billed in this one was credited over there.
Pure decisions: the services ask them under the order's lock, the model check (tests/model) in every order of events;
the keys of billing_round and billing_claim (models/billing.py) hold the same in the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.administration import FIRST
from domain.posting import POSTED

# The manner of a round: an order is billed whole or in terms, never both.
WHOLE, TERMS = "whole", "terms"
MOST_TERMS = 99

# How far an order is billed in its present round.
NONE, COLLECTING, PARTLY, BILLED, NOT_BILLABLE = "none", "collecting", "partly", "whole", "not_billable"
STATES = (NONE, COLLECTING, PARTLY, BILLED, NOT_BILLABLE)


@dataclass(frozen=True)
class Share:
    """What of an order a posting bills: the whole, term `n` of `of`, or the credit of the posting `credits`."""

    n: int = 0
    of: int = 0
    credits: UUID | None = None

    def __post_init__(self) -> None:
        if self.credits is None and (self.n or self.of) and not 1 <= self.n <= self.of <= MOST_TERMS:
            raise ValueError(f"there is no term {self.n} of {self.of}")

    @property
    def key(self) -> str:
        """As a row holds it: whole, term:2, or credit: and the posting's id."""
        if self.credits is not None:
            return f"credit:{self.credits.hex}"
        return f"term:{self.n}" if self.of else "whole"

    @property
    def manner(self) -> str | None:
        """The manner its round must have; None for a credit, which fits either."""
        if self.credits is not None:
            return None
        return TERMS if self.of else WHOLE


@dataclass(frozen=True)
class Claim:
    """A live claim in an order's present round: the key of its share, its posting, and that one's state and
    administration."""

    share: str
    posting: UUID
    state: str
    administration: int = FIRST

    @property
    def is_credit(self) -> bool:
        """Whether it takes back instead of bills."""
        return self.share.startswith("credit:")


def may_claim(manner: str | None, terms: int, claims: Iterable[Claim], wanted: Share) -> bool:
    """Whether a posting may claim this share in a round of this manner (None: nothing was claimed in it yet) with
    these live claims. A credit is for a posted claim of the same round that nobody credits yet."""
    claims = list(claims)
    if any(claim.share == wanted.key for claim in claims):
        return False
    if wanted.credits is not None:
        return any(
            claim.posting == wanted.credits and claim.state == POSTED and not claim.is_credit for claim in claims
        )
    billing = any(not claim.is_credit for claim in claims)
    return not billing or (manner == wanted.manner and terms == wanted.of)


def whole(claims: Iterable[Claim]) -> Claim | None:
    """The one of these live claims of a round that bills the whole of the order."""
    return next((claim for claim in claims if claim.share == Share().key), None)


def has_to_itself(posting: UUID, claims: Iterable[Claim]) -> bool:
    """Whether a posting that claims the whole of an order has the round to itself until its outcome is known, by the
    live claims of the round when it is sent. Nothing is claimed beside the whole, and credited only what is posted."""
    return all(claim.posting == posting for claim in claims)


def may_open_round(claims: Iterable[Claim]) -> bool:
    """Whether the next round may open: something was billed in this one, and all of it is credited by postings that
    stand over there. A credit on its way is not enough, for it may yet be refused."""
    claims = list(claims)
    billed = {claim.posting for claim in claims if not claim.is_credit}
    credited = {claim.share for claim in claims if claim.is_credit and claim.state == POSTED}
    return bool(billed) and all(Share(credits=posting).key in credited for posting in billed)


def state(not_billable: bool, terms: int, claims: Iterable[Claim]) -> str:
    """How far an order is billed; `terms` is the number of terms of its round, 0 when it is billed whole."""
    claims = list(claims)
    if not_billable:
        return NOT_BILLABLE
    credited = {claim.share for claim in claims if claim.is_credit and claim.state == POSTED}
    open_ = [claim for claim in claims if not claim.is_credit and Share(credits=claim.posting).key not in credited]
    posted = sum(claim.state == POSTED for claim in open_)
    if posted >= max(terms, 1):
        return BILLED
    if posted:
        return PARTLY
    return COLLECTING if open_ else NONE

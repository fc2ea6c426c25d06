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
from domain.posting import MAY_SEND_AGAIN, POSTED

# The manner of a round: an order is billed whole or in terms, never both.
WHOLE, TERMS = "whole", "terms"
MOST_TERMS = 99
# The shares that bill what is left of an order, so that nothing of it can be billed after them.
TERM = "term:"  # what the key of every term begins with
LAST = f"{TERM}last"
THE_REST = ("whole", LAST)

# How far an order is billed in its present round.
NONE, COLLECTING, PARTLY, BILLED, NOT_BILLABLE = "none", "collecting", "partly", "whole", "not_billable"
STATES = (NONE, COLLECTING, PARTLY, BILLED, NOT_BILLABLE)


@dataclass(frozen=True)
class Share:
    """What of an order a posting bills: the whole, term `n` of `of` (the last is all that is left), or the credit of
    the posting `credits`."""

    n: int = 0
    of: int = 0
    credits: UUID | None = None

    def __post_init__(self) -> None:
        if self.credits is None and (self.n or self.of) and not 1 <= self.n <= self.of <= MOST_TERMS:
            raise ValueError(f"there is no term {self.n} of {self.of}")

    @property
    def key(self) -> str:
        """As a row holds it: whole, term:2, term:last, or credit: and the posting's id."""
        if self.credits is not None:
            return f"credit:{self.credits.hex}"
        if self.of and self.n == self.of:
            return LAST
        return key_of_term(self.n) if self.of else "whole"

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

    @property
    def is_term(self) -> bool:
        """Whether it bills a term before the last."""
        return bool(term_of_key(self.share))


def key_of_term(n: int) -> str:
    """The key of the share of term `n`, which is before the last."""
    return f"{TERM}{n}"


def term_of_key(key: str) -> int:
    """The number of the term before the last whose share has this key; 0 for any other share."""
    return int(key.removeprefix(TERM)) if key.startswith(TERM) and key != LAST else 0


def may_claim(manner: str | None, terms: int, claims: Iterable[Claim], wanted: Share) -> bool:
    """Whether a posting may claim this share in a round of this manner (None: nothing was claimed in it yet) with
    these live claims. A credit is for a posted claim of the same round that nobody credits yet; of a term not while the
    last one stands, which counts on it. The last comes when nothing before it is on its way, and nothing after it."""
    claims = list(claims)
    rest = whole(claims)
    if any(claim.share == wanted.key for claim in claims):
        return False
    if wanted.credits is not None:
        billed = next((one for one in claims if one.posting == wanted.credits and not one.is_credit), None)
        if billed is None or billed.state != POSTED:
            return False
        return billed == rest or rest is None or rest.posting in _credited(claims)
    if all(claim.is_credit for claim in claims):
        return True
    if (manner, terms) != (wanted.manner, wanted.of) or rest is not None:
        return False
    return wanted.key != LAST or may_bill_the_rest(claims)


def whole(claims: Iterable[Claim]) -> Claim | None:
    """The one of these live claims of a round that bills the whole of the order, or all that is left of it."""
    return next((claim for claim in claims if claim.share in THE_REST), None)


def term(n: int, claims: Iterable[Claim]) -> Claim | None:
    """The one of these live claims of a round that bills term `n`, which is before the last."""
    return next((claim for claim in claims if claim.share == key_of_term(n)), None)


def may_bill_the_rest(claims: Iterable[Claim]) -> bool:
    """Whether what the last term subtracts is known: every term claimed before it, and the credit of each, stands over
    there. One that was never sent, or let go, is simply in the rest."""
    return all(claim.state == POSTED for claim in claims if claim.share not in THE_REST)


def to_subtract(claims: Iterable[Claim]) -> list[Claim]:
    """The terms that the last one subtracts: those that are posted, and not credited over there."""
    claims = list(claims)
    credited = _credited(claims)
    return [one for one in claims if one.is_term and one.state == POSTED and one.posting not in credited]


def counts_on_terms(claims: Iterable[Claim]) -> bool:
    """Whether an invoice that may stand over there subtracts the terms before it, so that none of them is let go."""
    claims = list(claims)
    rest = whole(claims)
    return rest is not None and rest.state not in MAY_SEND_AGAIN and rest.posting not in _credited(claims)


def _credited(claims: Iterable[Claim]) -> set[UUID]:
    """The postings whose credit stands over there."""
    done = {claim.share for claim in claims if claim.is_credit and claim.state == POSTED}
    return {claim.posting for claim in claims if Share(credits=claim.posting).key in done}


def has_to_itself(posting: UUID, claims: Iterable[Claim]) -> bool:
    """Whether a posting that claims the whole of an order has the round to itself until its outcome is known, by the
    live claims of the round when it is sent. Nothing is claimed beside the whole, and credited only what is posted."""
    return all(claim.posting == posting for claim in claims)


def may_open_round(claims: Iterable[Claim]) -> bool:
    """Whether the next round may open: something was billed in this one, and all of it is credited by postings that
    stand over there. A credit on its way is not enough, for it may yet be refused."""
    claims = list(claims)
    billed = {claim.posting for claim in claims if not claim.is_credit}
    return bool(billed) and billed <= _credited(claims)


def state(not_billable: bool, claims: Iterable[Claim]) -> str:
    """How far an order is billed. PARTLY: some terms stand over there, and what is left is on no invoice."""
    claims = list(claims)
    if not_billable:
        return NOT_BILLABLE
    credited = _credited(claims)
    open_ = [claim for claim in claims if not claim.is_credit and claim.posting not in credited]
    rest = whole(open_)
    if rest is not None:
        return BILLED if rest.state == POSTED else COLLECTING
    if any(claim.state == POSTED for claim in open_):
        return PARTLY
    return COLLECTING if open_ else NONE

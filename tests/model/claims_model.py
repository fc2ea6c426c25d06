"""Two orders and everything that may be billed of them, in every order: whole, in terms, together, credited, anew.

What becomes of one posting is the other model's (posting_model.py); here its outcome just comes, a refused one may be
sent again or given up, and an uncertain one is settled later. The decisions are those of domain/billing.py, which the
service asks; who presses is one at a time, as the orders' locks have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from domain import billing
from domain import posting as states
from domain.billing import Claim, Share

# A claim: order, round, share, and how much of the order it bills.
Claimed = tuple[int, int, Share, Fraction]
# A posting: its state, what it credits (-1: nothing), its claims, none once they are released.
Posting = tuple[str, int, tuple[Claimed, ...]]
# An order: its round, and the manner and terms of that round as the last claim in it left them.
Order = tuple[int, str | None, int]
State = tuple[tuple[Order, ...], tuple[Posting, ...]]
Step = tuple[str, State]

SHARES = (Share(), Share(1, 3), Share(2, 3), Share(3, 3))
WHICH = ((0,), (1,), (0, 1))
AFTER = {
    states.SENDING: (states.POSTED, states.REFUSED, states.UNCERTAIN),
    states.UNCERTAIN: (states.POSTED, states.REFUSED),
    states.REFUSED: (states.SENDING,),
}


def _id(number: int) -> UUID:
    return UUID(int=number + 1)


@dataclass(frozen=True)
class ClaimsModel:
    """At most `most` postings, each order in at most `rounds` rounds."""

    most: int = 4
    rounds: int = 2

    def start(self) -> State:
        """Nothing is billed yet."""
        return ((1, None, 0), (1, None, 0)), ()

    def steps(self, state: State) -> Iterator[Step]:
        """Everything that can happen next."""
        orders, postings = state
        for which in WHICH if len(postings) < self.most else ():
            for share in SHARES:
                if all(self._may_claim(state, order, share) for order in which):
                    yield f"{share.key} of {which} is billed", self._claim(state, which, share, -1)
        for number, (at, credits, claims) in enumerate(postings):
            for following in AFTER.get(at, ()) if at != states.REFUSED or self._may_go_again(state, claims) else ():
                anew = self._counted_anew(state, claims) if following == states.SENDING else claims
                yield f"posting {number} is {following}", _put(state, number, (following, credits, anew))
            if at == states.REFUSED:
                yield f"posting {number} is given up", _put(state, number, self._released(postings[number]))
            if at == states.POSTED and self._may_be_let_go(state, number):
                yield f"posting {number} is gone, and given up", _put(state, number, self._released(postings[number]))
            which = tuple(order for order, *_more in claims)
            share = Share(credits=_id(number))
            if which and len(postings) < self.most and all(self._may_claim(state, one, share) for one in which):
                yield f"posting {number} is credited", self._claim(state, which, share, number)
        for order, (round_, _manner, _terms) in enumerate(orders):
            if round_ < self.rounds and billing.may_open_round(self.claims(state, order)):
                anew = [*orders]
                anew[order] = (round_ + 1, None, 0)
                yield f"order {order} begins a round", (tuple(anew), postings)

    def claims(self, state: State, order: int) -> list[Claim]:
        """The live claims of an order in its present round, as the service reads them."""
        return [
            Claim(share.key, _id(number), at)
            for number, (at, _credits, claims) in enumerate(state[1])
            for whose, round_, share, _much in claims
            if (whose, round_) == (order, state[0][order][0])
        ]

    def _may_claim(self, state: State, order: int, share: Share) -> bool:
        _round, manner, terms = state[0][order]
        return billing.may_claim(manner, terms, self.claims(state, order), share)

    def _claim(self, state: State, which: tuple[int, ...], share: Share, credits: int) -> State:
        orders = [*state[0]]
        for order in which:
            if share.manner is not None:
                orders[order] = (orders[order][0], share.manner, share.of)
        mine = tuple((order, orders[order][0], share, self._bills(state, order, share)) for order in which)
        return tuple(orders), (*state[1], (states.SENDING, credits, mine))

    def _bills(self, state: State, order: int, share: Share) -> Fraction:
        """How much of an order this share is; the last term is what the posted ones leave."""
        if not share.of:
            return Fraction(1)
        if share.n < share.of:
            return Fraction(1, share.of)
        return 1 - sum((Fraction(1, share.of) for _one in billing.to_subtract(self.claims(state, order))), Fraction(0))

    def _may_go_again(self, state: State, claims: tuple[Claimed, ...]) -> bool:
        """services.invoicing.intending: what the rest subtracts is known."""
        return all(
            billing.may_bill_the_rest(self.claims(state, order))
            for order, _round, share, _much in claims
            if share.key in billing.THE_REST
        )

    def _counted_anew(self, state: State, claims: tuple[Claimed, ...]) -> tuple[Claimed, ...]:
        return tuple(
            (order, round_, share, self._bills(state, order, share) if share.credits is None else much)
            for order, round_, share, much in claims
        )

    def _may_be_let_go(self, state: State, number: int) -> bool:
        """A term that is posted and turns out to be gone: services.invoicing.intending.refuse_when_counted_on. Of
        others, and of one that is credited, the other model tells."""
        (_at, _credits, claims), postings = state[1][number], state[1]
        if any(other[1] == number and other[2] for other in postings):
            return False
        terms = [order for order, _round, share, _much in claims if share.of and share.n < share.of]
        return bool(terms) and not any(billing.counts_on_terms(self.claims(state, order)) for order in terms)

    def _released(self, posting: Posting) -> Posting:
        return states.ABANDONED, posting[1], ()

    def wrong(self, state: State) -> str:
        """What is wrong with a state, or nothing."""
        orders, postings = state
        for order in range(len(orders)):
            charged = Fraction(0)
            for at, credits, claims in postings:
                mine = next((one for one in claims if one[0] == order), None)
                if mine is None:
                    continue
                if at == states.ABANDONED:
                    return "HELD: by a posting that was given up"
                if at == states.POSTED:
                    charged += mine[3] if credits < 0 else -_much_of(postings[credits], order)
            if charged > 1:
                return f"DOUBLED: order {order} is charged {charged} times"
            if charged < 0:
                return f"GIVEN AWAY: more of order {order} is credited than was charged"
            told = billing.state(False, self.claims(state, order))
            rest = any(one.share in billing.THE_REST for one in self.claims(state, order))
            if (told == billing.BILLED) is not (charged == 1 and rest):
                return f"UNTRUE: order {order} is told to be {told} and is charged {charged} times"
        return ""


def _much_of(posting: Posting, order: int) -> Fraction:
    return next(much for whose, _round, _share, much in posting[2] if whose == order)


def _put(state: State, number: int, posting: Posting) -> State:
    postings = [*state[1]]
    postings[number] = posting
    return state[0], tuple(postings)

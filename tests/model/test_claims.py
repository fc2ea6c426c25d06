"""No order is charged more than once, whatever is billed, given up, credited and billed anew; each rule is needed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain import billing
from domain import posting as states
from tests.model.claims_model import ClaimsModel, Posting, State
from tests.model.explore import explore

_may_claim, _state = billing.may_claim, billing.state


def test_nothing_is_ever_charged_twice_or_held_by_what_was_given_up() -> None:
    seen = explore(ClaimsModel())
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 20_000, "the world became so small that the check no longer says much"


def _whatever_the_round_is(manner: object, terms: object, claims: object, wanted: billing.Share) -> bool:
    return _may_claim(wanted.manner, wanted.of, claims, wanted)  # type: ignore[arg-type]


def _also_twice(manner: str | None, terms: int, claims: list[billing.Claim], wanted: billing.Share) -> bool:
    return _may_claim(manner, terms, [one for one in claims if one.share != wanted.key], wanted)


def _credit_on_its_way(claims: list[billing.Claim]) -> bool:
    billed = {one.posting for one in claims if not one.is_credit}
    return bool(billed) and len([one for one in claims if one.is_credit]) == len(billed)


def _one_credit_for_all(claims: list[billing.Claim]) -> bool:
    return any(one.is_credit and one.state == states.POSTED for one in claims)


def _what_is_on_its_way_counts(not_billable: bool, claims: list[billing.Claim]) -> str:
    return _state(not_billable, [billing.Claim(one.share, one.posting, states.POSTED) for one in claims])


def _credited_under_the_last(
    manner: str | None, terms: int, claims: list[billing.Claim], wanted: billing.Share
) -> bool:
    seen = [one for one in claims if wanted.credits is None or one.share != billing.LAST]
    return _may_claim(manner, terms, seen, wanted) or _may_claim(manner, terms, claims, wanted)


def _always(_claims: object) -> bool:
    return True


def _never(_claims: object) -> bool:
    return False


BREAKS = {
    "whole beside terms": (("DOUBLED", "UNTRUE"), "may_claim", _whatever_the_round_is),
    "a share twice": (("DOUBLED", "UNTRUE"), "may_claim", _also_twice),
    "a round opens while the credit is on its way": (("DOUBLED", "UNTRUE"), "may_open_round", _credit_on_its_way),
    "a round opens once one of its terms is credited": (("DOUBLED", "UNTRUE"), "may_open_round", _one_credit_for_all),
    "what is on its way counts as billed": ("UNTRUE", "state", _what_is_on_its_way_counts),
    "the last while a term is on its way": (("DOUBLED", "UNTRUE"), "may_bill_the_rest", _always),
    "a term is credited under the last one": (("DOUBLED", "UNTRUE"), "may_claim", _credited_under_the_last),
    "a term is let go under the last one": (("DOUBLED", "UNTRUE"), "counts_on_terms", _never),
}


@pytest.mark.parametrize(("word", "name", "broken"), BREAKS.values(), ids=BREAKS)
def test_a_broken_rule_turns_the_check_red(
    word: str | tuple[str, ...], name: str, broken: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(billing, name, broken)
    seen = explore(ClaimsModel())
    print(seen)
    assert seen.wrong.startswith(word), str(seen)


class FreesOne(ClaimsModel):
    """Giving up frees the order it was pressed on, and not those that were billed along."""

    def _released(self, posting: Posting) -> Posting:
        return states.ABANDONED, posting[1], posting[2][1:]


def test_giving_up_has_to_free_every_order() -> None:
    seen = explore(FreesOne())
    print(seen)
    assert seen.wrong.startswith("HELD"), str(seen)


class ToItself(ClaimsModel):
    """Who sends an invoice of a whole order says, once it stands there, how far the order is billed without looking
    what else is claimed of it: so there must be nothing."""

    def wrong(self, state: State) -> str:
        """What is wrong with a state, or nothing."""
        for order in range(len(state[0])):
            claims = self.claims(state, order)
            sent = billing.whole(claims)
            alone = sent is not None and sent.share == billing.Share().key  # the last term says it by looking
            if sent and alone and sent.state == states.SENDING and not billing.has_to_itself(sent.posting, claims):
                return f"CROWDED: order {order} is claimed beside the whole that is under way"
        return super().wrong(state)


def test_what_is_under_way_whole_has_the_round_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = explore(ToItself())
    assert seen.wrong == "", str(seen)
    monkeypatch.setattr(billing, "may_claim", _whatever_the_round_is)
    assert explore(ToItself()).wrong.startswith("CROWDED")

"""What of an order may be billed, and how far it is billed."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain import billing, posting
from domain.billing import Claim, Share

A, B, C = (UUID(int=n) for n in (1, 2, 3))
WHOLE, FIRST, SECOND, LAST = Share(), Share(1, 3), Share(2, 3), Share(3, 3)


def claim(share: Share, by: UUID, state: str = posting.POSTED) -> Claim:
    return Claim(share.key, by, state)


@pytest.mark.parametrize(
    ("share", "key", "manner"),
    [
        (WHOLE, "whole", "whole"),
        (SECOND, "term:2", "terms"),
        (LAST, "term:last", "terms"),
        (Share(credits=A), f"credit:{A.hex}", None),
    ],
)
def test_a_share_has_a_key_and_asks_a_manner(share: Share, key: str, manner: str | None) -> None:
    assert (share.key, share.manner) == (key, manner)
    assert len(key) <= 40, "the column holds no more"


@pytest.mark.parametrize(("n", "of"), [(0, 2), (3, 2), (1, 0), (-1, 2), (1, 100)])
def test_a_term_lies_within_its_terms(n: int, of: int) -> None:
    with pytest.raises(ValueError, match="no term"):
        Share(n, of)


@pytest.mark.parametrize(
    ("manner", "terms", "claims", "wanted", "may"),
    [
        (None, 0, [], WHOLE, True),
        (None, 0, [], FIRST, True),
        ("whole", 0, [claim(WHOLE, A)], WHOLE, False),
        ("whole", 0, [claim(WHOLE, A, posting.REFUSED)], FIRST, False),
        ("terms", 3, [claim(FIRST, A)], WHOLE, False),
        ("terms", 3, [claim(FIRST, A)], FIRST, False),
        ("terms", 3, [claim(FIRST, A, posting.UNCERTAIN)], SECOND, True),
        ("terms", 3, [claim(FIRST, A)], Share(2, 4), False),
        ("terms", 3, [], WHOLE, True),  # all were given up: the round may turn
        ("terms", 3, [], LAST, True),  # the terms before it are in it
        ("terms", 3, [claim(FIRST, A)], LAST, True),
        ("terms", 3, [claim(FIRST, A), claim(SECOND, B, posting.UNCERTAIN)], LAST, False),
        ("terms", 3, [claim(FIRST, A), claim(Share(credits=A), B, posting.REFUSED)], LAST, False),
        ("terms", 3, [claim(FIRST, A), claim(Share(credits=A), B)], LAST, True),
        ("terms", 3, [claim(FIRST, A), claim(LAST, B, posting.REFUSED)], SECOND, False),
        ("terms", 3, [claim(FIRST, A), claim(LAST, B)], Share(credits=A), False),  # the last subtracts it
        ("terms", 3, [claim(FIRST, A), claim(LAST, B)], Share(credits=B), True),
        (
            "terms",
            3,
            [claim(FIRST, A), claim(LAST, B), claim(Share(credits=B), C, posting.SENDING)],
            Share(credits=A),
            False,
        ),
        ("terms", 3, [claim(FIRST, A), claim(LAST, B), claim(Share(credits=B), C)], Share(credits=A), True),
        ("whole", 0, [], FIRST, True),
        ("whole", 0, [claim(WHOLE, A)], Share(credits=A), True),
        ("whole", 0, [claim(WHOLE, A, posting.UNCERTAIN)], Share(credits=A), False),
        ("whole", 0, [claim(WHOLE, A)], Share(credits=B), False),
        ("whole", 0, [claim(WHOLE, A), claim(Share(credits=A), B, posting.REFUSED)], Share(credits=A), False),
        ("whole", 0, [claim(WHOLE, A), claim(Share(credits=A), B)], Share(credits=B), False),  # no credit of a credit
    ],
)
def test_what_may_be_claimed(manner: str | None, terms: int, claims: list[Claim], wanted: Share, may: bool) -> None:
    assert billing.may_claim(manner, terms, claims, wanted) is may


@pytest.mark.parametrize(
    ("claims", "may"),
    [
        ([], False),
        ([claim(WHOLE, A)], False),
        ([claim(WHOLE, A), claim(Share(credits=A), B, posting.UNCERTAIN)], False),
        ([claim(WHOLE, A), claim(Share(credits=A), B)], True),
        ([claim(FIRST, A), claim(Share(credits=A), B), claim(SECOND, C, posting.SENDING)], False),
        ([claim(FIRST, A), claim(Share(credits=A), B)], True),
    ],
)
def test_the_next_round_opens_once_all_that_was_billed_is_credited_there(claims: list[Claim], may: bool) -> None:
    assert billing.may_open_round(claims) is may


@pytest.mark.parametrize(
    ("not_billable", "claims", "state"),
    [
        (False, [], billing.NONE),
        (True, [], billing.NOT_BILLABLE),
        (False, [claim(WHOLE, A, posting.REFUSED)], billing.COLLECTING),
        (False, [claim(WHOLE, A)], billing.BILLED),
        (False, [claim(WHOLE, A), claim(Share(credits=A), B, posting.SENDING)], billing.BILLED),
        (False, [claim(WHOLE, A), claim(Share(credits=A), B)], billing.NONE),
        (False, [claim(FIRST, A, posting.SENDING)], billing.COLLECTING),
        (False, [claim(FIRST, A), claim(SECOND, B, posting.SENDING)], billing.PARTLY),
        (False, [claim(FIRST, A), claim(SECOND, B)], billing.PARTLY),  # the rest is on no invoice
        (False, [claim(FIRST, A), claim(LAST, B, posting.REFUSED)], billing.COLLECTING),
        (False, [claim(FIRST, A), claim(LAST, B)], billing.BILLED),
        (False, [claim(LAST, B)], billing.BILLED),  # the terms that were never sent are in it
        (False, [claim(FIRST, A), claim(LAST, B), claim(Share(credits=B), C)], billing.PARTLY),
    ],
)
def test_how_far_an_order_is_billed(not_billable: bool, claims: list[Claim], state: str) -> None:
    assert billing.state(not_billable, claims) == state
    assert state in billing.STATES


@pytest.mark.parametrize(
    ("claims", "alone"),
    [
        ((), True),
        ((claim(WHOLE, A, posting.REFUSED),), True),  # sent again
        ((claim(WHOLE, B),), False),
        ((claim(WHOLE, A, posting.GONE), claim(Share(credits=A), B)), False),  # credited before it vanished there
    ],
)
def test_a_posting_has_a_round_to_itself_when_all_that_is_claimed_is_its_own(
    claims: tuple[Claim, ...], alone: bool
) -> None:
    assert billing.has_to_itself(A, claims) is alone

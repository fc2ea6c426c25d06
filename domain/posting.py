"""The states of an invoice posting, what each allows, and every decision of the protocol.

The decisions are pure: the services ask them inside their transactions, the model check (tests/model) asks the same
functions in every order of events that can happen.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import moments
from domain.message import N_
from domain.outcome import NotSent, Outcome, Posted, Problem, Refused, Uncertain

SENDING, POSTED, REFUSED, NOT_SENT, UNCERTAIN, CONFLICT, GONE, ABANDONED = (
    "sending",
    "posted",
    "refused",
    "not_sent",
    "uncertain",
    "conflict",
    "gone",
    "abandoned",
)
STATES = (SENDING, POSTED, REFUSED, NOT_SENT, UNCERTAIN, CONFLICT, GONE, ABANDONED)
STATE_NAMES = {
    SENDING: N_("bezig"),
    POSTED: N_("geplaatst"),
    REFUSED: N_("geweigerd"),
    NOT_SENT: N_("niet verstuurd"),
    UNCERTAIN: N_("onzeker"),
    CONFLICT: N_("tegenstrijdig"),
    GONE: N_("verdwenen daar"),
    ABANDONED: N_("vervallen"),
}
# The order's content is frozen while an invoice of it may exist over there.
LOCKS_ORDER = frozenset({SENDING, POSTED, UNCERTAIN, CONFLICT, GONE})
# A new attempt is safe: certain that no invoice exists under the number.
MAY_SEND_AGAIN = frozenset({REFUSED, NOT_SENT})
NEEDS_LOOK_UP = frozenset({SENDING, UNCERTAIN})
# It went out, and is over there or may be.
MAY_BE_THERE = frozenset({SENDING, POSTED, UNCERTAIN, CONFLICT})

# No lease is longer than this, or twice it for who sets it otherwise (settings.Times).
LEASE = timedelta(seconds=60)

# What a posting is: an invoice, or the credit of one.
INVOICE, CREDIT = "invoice", "credit"

HELD, NUMBER_POSTED, FREE, TAKEN, VOID = "held", "posted", "free", "taken", "void"
NUMBER_STATES = (HELD, NUMBER_POSTED, FREE, TAKEN, VOID)
EMPTY = "empty"  # how a free number is shown that no invoice will get any more; no row says so
NUMBER_STATE_NAMES = {
    HELD: N_("in gebruik voor een open plaatsing"),
    NUMBER_POSTED: N_("geplaatst"),
    FREE: N_("weer vrij"),
    TAKEN: N_("daar al in gebruik"),
    VOID: N_("vervallen"),
}
NUMBER_LOOKS = NUMBER_STATE_NAMES | {EMPTY: N_("blijft leeg")}


def state_after(outcome: Outcome) -> str:
    """The posting state an outcome leads to. A taken number is looked up first: until then it is uncertain."""
    match outcome:
        case Posted():
            return POSTED
        case Refused(problem=problem):
            return UNCERTAIN if problem is Problem.NUMBER_TAKEN else REFUSED
        case NotSent():
            return NOT_SENT
        case Uncertain():
            return UNCERTAIN


def belongs_in(administration: int, books: int | None) -> bool:
    """Whether a posting of this administration belongs in these books (None: nobody's). Only they are asked about it,
    only what they say of it counts, and only there it is sent: under the same number others have another invoice."""
    return administration == books


def may_move_on(state: str, attempted_uncertain: bool) -> bool:
    """Whether an invoice that goes out again may go to another administration, under a number of that one: only when
    every attempt was a certain no, as for another date. Else somebody lets it go first, who says why."""
    return may_redate(state, attempted_uncertain)


def may_send(live: str | None) -> bool:
    """Whether a press may send: no live posting yet (None), or one that certainly did not arrive."""
    return live is None or live in MAY_SEND_AGAIN


def keeps_number(state: str, attempted_uncertain: bool, same_year: bool) -> bool:
    """Whether an invoice that goes out again keeps its number. A number belongs to the year of the invoice's date, and
    is let go for one of another year only when every attempt was a certain no; else the date stays as well."""
    return same_year or not may_redate(state, attempted_uncertain)


def may_redate(state: str, attempted_uncertain: bool) -> bool:
    """Whether an invoice that goes out again gets the day's date; not when an earlier attempt may have arrived."""
    return state in MAY_SEND_AGAIN and not attempted_uncertain


def may_start(now: float, start_by: float) -> bool:
    """The start guard: whether the first byte may still leave. Both in the seconds of one monotonic clock."""
    return now <= start_by


def is_interrupted(state: str, lease_until: datetime | None, now: datetime) -> bool:
    """In sending without a lease that lasts: whoever was at it is gone, or so slow that others may look. One further
    ahead than a lease can be was given by a clock that was set back."""
    return state == SENDING and not moments.lasts(lease_until, now, LEASE)


def wants_look_up(state: str, lease_until: datetime | None, now: datetime) -> bool:
    """Whether recovery may look this posting up now; not while somebody is at it."""
    return state == UNCERTAIN or is_interrupted(state, lease_until, now)


def lease_counted(lease_until: datetime | None, now: datetime) -> datetime | None:
    """The end of the last lease, from which the quiet window counts: now, when that lies further ahead than a lease can
    be. Whoever looks writes it down, so that the window passes however far the clock was set back."""
    return moments.counted_from(lease_until, now, LEASE)


def window_is_over(lease_until: datetime | None, quiet_window: timedelta, now: datetime) -> bool:
    """Whether a look-up that begins now can prove that the invoice is not there and will not come any more."""
    return lease_until is None or now > lease_until + quiet_window


def after_look_up(found: bool, equal: bool, after_window: bool, may_send: bool = True) -> str:
    """The state after an answered look-up: a hit counts at once, a miss only after the quiet window.

    `sending` means: send the same bytes again under the same number. Without `may_send`, with codes that are only kept
    for looking up, it waits for a person: it goes out again there, or is let go first.
    """
    if found:
        return POSTED if equal else CONFLICT
    if not after_window:
        return UNCERTAIN
    return SENDING if may_send else NOT_SENT


def counts_at_once(found: bool, equal: bool) -> bool:
    """Whether a look-up that a person asks for, while the holder of the lease is at it, decides: only by finding our
    invoice, for of anything else the holder hears."""
    return found and equal


def after_search(elsewhere: bool | None, after_window: bool) -> str:
    """The state of a posted invoice that a look-up of its exact number, begun `after_window` or not, did not find.

    `elsewhere` is whether the search among the invoices of its relation found it under another number; None when that
    search proves nothing. Gone is only what both did not find after the quiet window.
    """
    return GONE if elsewhere is False and after_window else POSTED


def after_another(elsewhere: bool | None, after_window: bool) -> str:
    """The state of a posted invoice under whose number another one stands, once the invoices of its relation were
    searched (`elsewhere` and `after_window` as in `after_search`). Nothing is sent: a person decides."""
    return CONFLICT if elsewhere is False and after_window else POSTED


def after_gone(found: bool, equal: bool, elsewhere: bool | None) -> str:
    """The state of a gone invoice after both searches were made once more, before it is sent again under its number.

    `sending` means: send the same bytes. What is there after all is never sent, and neither is anything while the
    second search (as in `after_search`) proves nothing.
    """
    if found:
        return POSTED if equal else CONFLICT
    if elsewhere is None:
        return GONE
    return POSTED if elsewhere else SENDING


def after_number_taken(
    found: bool | None, equal: bool, attempted_uncertain: bool, behind: bool = False, this_order: bool = False
) -> str:
    """The state after "number taken" and the look-up that follows it; `found` is None when that look-up failed.
    `behind`: no number may be given out, for our database is an older copy; `this_order`: what stands there names this
    very order.

    `sending` means: send under the next number. That is for a number that was never ours: no attempt was uncertain, and
    what stands there was not sent by us. After an uncertain attempt a failed look-up tells nothing about whose invoice
    it is, so recovery looks again.
    """
    if attempted_uncertain:
        if found is None:
            return UNCERTAIN
        return POSTED if equal else CONFLICT
    if not found or equal or this_order:
        return CONFLICT
    return REFUSED if behind else SENDING


def may_take_a_number(behind: bool, look_back: bool) -> bool:
    """Whether an invoice may go out under a number of now: not while our database is known to be an older copy, nor
    before somebody looked when it may be one."""
    return not behind and not look_back


def may_settle(outcome: Outcome, state: str, same_lease: bool, same_invoice: bool) -> bool:
    """Whether the outcome of a call may be written: by the attempt that holds the lease, or as a proof of yes.

    `same_invoice`: the posting still has the number and the content that were sent; else the yes is about another one.
    """
    if state == SENDING and same_lease:
        return True
    return isinstance(outcome, Posted) and state in NEEDS_LOOK_UP and same_invoice


def may_conclude(state: str, same_lease: bool) -> bool:
    """Whether a look-up may still be acted upon: nobody settled the posting or sent it again meanwhile."""
    return same_lease and state in NEEDS_LOOK_UP


def remembers_uncertain(before: bool, state: str) -> bool:
    """Whether some attempt may have arrived, once the posting is put in this state. Never forgotten."""
    return before or state in (UNCERTAIN, GONE)


def may_give_up(live: str | None) -> bool:
    """Whether a person may let the posting go."""
    return live is not None and live in MAY_SEND_AGAIN | {CONFLICT, GONE}


def may_give_up_unknown(live: str | None, can_ask: bool) -> bool:
    """Whether the owner may let a posting go of which nobody knows whether it arrived: only while its administration
    cannot be asked, for else that tells."""
    return live == UNCERTAIN and not can_ask


def number_after_giving_up(state: str, attempted_uncertain: bool) -> str:
    """What becomes of the number: free only when every attempt was a certain no."""
    return FREE if state in MAY_SEND_AGAIN and not attempted_uncertain else VOID


def number_shown(state: str, of_this_year: bool, of_this_series: bool) -> str:
    """How a number's state is shown, a key of NUMBER_LOOKS: only the present series of the present year is filled."""
    return EMPTY if state == FREE and not (of_this_year and of_this_series) else state

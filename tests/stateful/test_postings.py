"""Random interleavings of people, trouble, clock and worker on the real services: nothing doubled, lost or silent.

CRAFTER_STATEFUL=<examples>x<steps> runs the long form with new random choices each time.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain import posting as states
from domain.invoice import InvoiceDraft, InvoiceLine, differences
from domain.message import Refusal
from gateways.bookkeeping import BookkeepingError
from services.invoicing import conflicts, numbers, posting, press, recovery
from services.link import connection
from services.orders import work_orders
from tenancy.clock import today
from tenancy.database import db
from tests.stateful.stage import Stage

LONG = os.environ.get("CRAFTER_STATEFUL", "")
EXAMPLES, STEPS = (int(part) for part in (LONG or "15x25").split("x"))
ORDERS = 2
LEAP = 60  # seconds the clock may leap within one attempt: the claim's bound
ADD, READ = "AddFactuur", "GetFacturen"
TROUBLE = (
    {"kind": "refuse", "operation": ADD, "code": "CFACT025", "text": "Relatie onbekend"},
    {"kind": "lost_answer", "operation": ADD},
    {"kind": "reset_before", "operation": ADD},
    {"kind": "late_act", "operation": ADD, "seconds": 0.4},
    {"kind": "number_taken", "operation": ADD},
    {"kind": "expired_session", "operation": ADD},
    {"kind": "half_answer", "operation": ADD},
    {"kind": "html_503", "operation": ADD},
    {"kind": "drip", "operation": ADD, "seconds": 6},
    {"kind": "empty_200", "operation": ADD},
    {"kind": "reset_after", "operation": ADD},
    {"kind": "reset_before", "operation": READ},
    {"kind": "html_503", "operation": READ},
    {"kind": "expired_session", "operation": READ},
)

# What happens, as often as it is named. One rule chooses from it: many rules would be switched off by the dozen.
WHAT = (
    *("press",) * 5,
    *("press_in_trouble",) * 6,
    *("together", "together_in_trouble", "together_in_trouble"),
    *("die_before_the_call", "die_after_the_answer", "two_at_once", "no_session"),
    *("act",) * 5,
    *("locked", "link", "number_used_there"),
    *("leap", "wait", "wait"),
)
# What a person may do about a posting in a state.
FITTING = {
    states.REFUSED: ("give_up", "edit", "reopen"),
    states.NOT_SENT: ("give_up", "edit", "reopen"),
    states.UNCERTAIN: ("check",),
    states.SENDING: ("check",),
    states.CONFLICT: ("decide",),
    states.POSTED: (),
}


class Postings(RuleBasedStateMachine):
    """People who check, send, edit, re-open and give up, a bookkeeping full of trouble, a worker, and time."""

    stage: Stage
    seen: Counter[str]

    @initialize(used_numbers=st.sampled_from(["refuse", "let_through"]))
    def begin(self, used_numbers: str) -> None:
        self.stage.begin(used_numbers)
        self.used_numbers, self.leapt = used_numbers, 0
        self.orders = [self.stage.new_order() for _ in range(ORDERS)]

    @rule(
        what=st.sampled_from(WHAT),
        which=st.integers(0, ORDERS - 1),
        trouble=st.lists(st.sampled_from(TROUBLE), min_size=1, max_size=2),
        seconds=st.sampled_from((10, 30, 60, 70, 400)),
        choice=st.integers(0, 2),
    )
    def something_happens(
        self, what: str, which: int, trouble: list[dict[str, object]], seconds: int, choice: int
    ) -> None:
        match what:
            case "press":
                self._press(which, [])
            case "press_in_trouble":
                self._press(which, trouble)
            case "together":
                self._press_together([])
            case "together_in_trouble":
                self._press_together(trouble)
            case "no_session":
                self.stage.forget_session()
                self._press(which, [{"kind": "reset_before", "operation": "OpenSession"}])
            case "die_before_the_call":
                self.stage.press_and_die(self._order(which), "carry_out")
            case "die_after_the_answer":
                self.stage.press_and_die(self._order(which), "settle")
            case "two_at_once":
                self.stage.press_at_once(self._order(which))
            case "act":
                self._act(which, choice)
            case "locked":
                self._refused(self.orders[which], ("edit", "give_up", "reopen")[choice])
            case "link":
                connection.switch_feature(self.stage.actor, choice > 0)
            case "number_used_there":
                self._use_next_number_there()
            case "leap":
                self._leap(seconds)
            case "wait":
                self.stage.wait(seconds)
                self.leapt = 0
                self.stage.worker()
        self.seen[what] += 1

    # -- people ------------------------------------------------------------------------------------------

    def _press(self, which: int, trouble: list[dict[str, object]]) -> None:
        self.stage.sandbox.mischief("demo", trouble)
        self.seen[f"press: {self.stage.press(self._order(which))}"] += 1

    def _press_together(self, trouble: list[dict[str, object]]) -> None:
        self.stage.sandbox.mischief("demo", trouble)
        together = self.stage.press_together([self._order(which) for which in range(ORDERS)])
        self.seen[f"together: {together}"] += 1

    def _order(self, which: int) -> UUID:
        """One of the orders on the desk; a posted one makes room for the next."""
        row = self.stage.posting(self.orders[which])
        if row is not None and row.state == states.POSTED:
            self.orders[which] = self.stage.new_order()
        return self.orders[which]

    def _act(self, which: int, choice: int) -> None:
        """What fits the chosen order, else the next: a certain no is edited, given up or re-opened, and so on."""
        for order in (*self.orders[which:], *self.orders[:which]):
            row = self.stage.posting(order)
            fitting = FITTING[row.state] if row else ("edit", "reopen")
            if fitting:
                what = fitting[choice % len(fitting)]
                with suppress(Refusal):
                    getattr(self, f"_{what}")(order)
                    self.seen[f"act: {what}"] += 1
                return

    def _refused(self, order: UUID, what: str) -> None:
        """What may not be done now, is not."""
        row = self.stage.posting(order)
        if row is not None and row.state in states.LOCKS_ORDER - {states.CONFLICT}:
            with pytest.raises(Refusal):
                getattr(self, f"_{what}")(order)

    def _edit(self, order: UUID) -> None:
        self.stage.edit(order)

    def _reopen(self, order: UUID) -> None:
        work_orders.move(self.stage.actor, order, "reopen")

    def _give_up(self, order: UUID) -> None:
        press.give_up(self.stage.actor, order, "dubbel ingevoerd")

    def _check(self, order: UUID) -> None:
        row = self.stage.posting(order)
        assert row is not None
        recovery.check(self.stage.deps, self.stage.actor, row.id)

    def _decide(self, order: UUID) -> None:
        """A conflict, by somebody who looks at both sides."""
        row = self.stage.posting(order)
        assert row is not None
        draft = posting.thawed(self.stage.deps, row)
        try:
            theirs = posting.theirs(self.stage.deps, self.stage.actor, row.id)
        except BookkeepingError:
            return
        if theirs is not None and not differences(draft, theirs):
            conflicts.accept(self.stage.actor, order)
            return
        try:
            conflicts.take_next_number(self.stage.deps, self.stage.actor, order)
        except Refusal:  # nothing stands there any more, or it cannot be looked up just now
            press.give_up(self.stage.actor, order, "daar staat een andere factuur")

    def _use_next_number_there(self) -> None:
        """Somebody makes an invoice over there under the number that is next here."""
        session = db.session()
        on = today(session)
        number, given = numbers.peek_invoice_number(session, on, 1), connection.active_credentials(self.stage.deps)
        db.session.rollback()
        if given is not None and self.used_numbers == "refuse":
            line = InvoiceLine("X", "Van iemand anders", Decimal(1), "stuk", Decimal(999), "high", "8000")
            draft = InvoiceDraft(number, "1001", on, 14, "Factuursjabloon", (line,))
            self.stage.deps.bookkeeping.post_invoice(given, draft, time.monotonic() + 5)

    # -- time --------------------------------------------------------------------------------------------

    def _leap(self, seconds: int) -> None:
        """The clock leaps while the bookkeeping still has things to do; then the worker runs."""
        within = min(seconds, LEAP - self.leapt)
        self.leapt += within
        self.stage.leap(within)
        self.stage.worker()

    def all_settles(self) -> None:
        """No more trouble: time and the worker do the rest."""
        self.stage.settle()
        for order in self.stage.orders:
            row = self.stage.posting(order)
            self.seen[f"settled: {row.state if row else 'no posting'}"] += 1
        assert self.stage.wrong() == []

    # -- what must hold ----------------------------------------------------------------------------------

    @invariant()
    def no_order_ever_has_two_invoices(self) -> None:
        assert self.stage.doubled() == []

    def teardown(self) -> None:
        if self.stage.orders:  # begun
            self.all_settles()

    def _note_press(self, order: int) -> None:
        self.seen[f"press: {self.stage.press(self.orders[order])}"] += 1


@pytest.mark.timeout(0 if LONG else 300)
def test_whatever_happens_every_order_has_one_invoice_or_a_visible_reason(stage: Stage) -> None:
    seen: Counter[str] = Counter()
    machine = type("PostingsOnStage", (Postings,), {"stage": stage, "seen": seen})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not LONG,
            print_blob=True,
            phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    print("\n" + "\n".join(f"{times:6} {what}" for what, times in sorted(seen.items())))
    wanted = {"settled: posted", "press: posted", "press: uncertain", "act: check", "die_after_the_answer", "wait"}
    wanted |= {"together: posted", "together: uncertain"}
    if LONG:
        wanted |= {"press: refused", "press: not_sent", "act: edit", "act: give_up", "act: decide", "two_at_once"}
    assert wanted <= set(seen), "the run never came where it matters"

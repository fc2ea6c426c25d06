"""Rules of the protocol broken on purpose in the real services: what must hold on the stage turns red each time.

Every scenario runs twice: as the services are, when nothing may be wrong, and broken, when something must be. The
model check has its own list (tests/model/test_breaks.py), with the rules that no single press can show.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from sqlalchemy.exc import IntegrityError

from domain import posting as states
from domain.invoice import renumbered
from domain.message import as_written
from domain.outcome import NotSent, Uncertain
from services.invoicing import numbers, posting, press
from services.link import connection
from tenancy.database import db
from tests.stateful.stage import Dies, Stage

LATE = 600  # seconds the bookkeeping acts late; the stage says when they are over
LOST = [{"kind": "lost_answer", "operation": "AddFactuur"}]
LATE_ACT = [{"kind": "late_act", "operation": "AddFactuur", "seconds": LATE}]

Scenario = Callable[[Stage], list[str]]


def settled(stage: Stage) -> list[str]:
    """What is wrong once everything has settled; or that the worker leaves something behind."""
    try:
        stage.settle()
    except AssertionError as left:
        return [str(left)]
    return stage.wrong()


def a_lost_answer(stage: Stage) -> list[str]:
    """It arrived, we do not know; somebody presses again; much later the worker comes."""
    stage.begin("let_through")
    order = stage.new_order()
    stage.sandbox.mischief("demo", LOST)
    stage.press(order)
    stage.press(order)
    return settled(stage)


def a_late_act(stage: Stage) -> list[str]:
    """It arrives while we already look."""
    stage.begin("let_through")
    order = stage.new_order()
    stage.sandbox.mischief("demo", LATE_ACT)
    stage.press(order)
    stage.worker()
    return settled(stage)


def a_very_late_act(stage: Stage) -> list[str]:
    """It arrives after the window, where used numbers are refused; between the two a resend that was refused."""
    stage.begin("refuse")
    order = stage.new_order()
    stage.sandbox.mischief("demo", [*LATE_ACT, {"kind": "refuse", "operation": "AddFactuur", "code": "CFACT025"}])
    stage.press(order)
    stage.leap(400)
    stage.worker()
    stage.wait(1)
    stage.press(order)
    return settled(stage)


def a_resend_before_a_very_late_act(stage: Stage) -> list[str]:
    """The resend after the window comes first; the number keeps the late one out."""
    stage.begin("refuse")
    order = stage.new_order()
    stage.sandbox.mischief("demo", LATE_ACT)
    stage.press(order)
    stage.leap(400)
    stage.worker()
    return settled(stage)


def _frozen(stage: Stage) -> Any:
    """A press that froze between its intent and its call; the intent, later than it may start."""
    order = stage.new_order()
    with mock.patch("services.invoicing.posting.carry_out", side_effect=Dies) as frozen:
        with pytest.raises(Dies):
            stage.press(order)
        db.session.rollback()
    *_, intent = frozen.call_args.args
    return replace(intent, start_by=time.monotonic() - 0.01)


def a_frozen_press_sends_late(stage: Stage) -> list[str]:
    """Recovery sent it again long ago; then the frozen process goes on."""
    stage.begin("let_through")
    intent = _frozen(stage)
    stage.wait(400)
    stage.worker()
    credentials = connection.active_credentials(stage.deps)
    assert credentials is not None
    posting.carry_out(stage.deps, stage.actor, credentials, intent)
    return settled(stage)


def a_frozen_press_writes_late(stage: Stage) -> list[str]:
    """Recovery sent it again and does not know yet; then the frozen process writes that nothing left."""
    stage.begin("let_through")
    intent = _frozen(stage)
    stage.wait(400)
    stage.sandbox.mischief("demo", LOST)
    stage.worker()
    credentials = connection.active_credentials(stage.deps)
    assert credentials is not None
    posting.settle(stage.actor, credentials, intent, NotSent(as_written("te laat")))
    return settled(stage)


def a_death_after_the_answer(stage: Stage) -> list[str]:
    """The process dies before transaction 2."""
    stage.begin("let_through")
    stage.press_and_die(stage.new_order(), "settle")
    return settled(stage)


def a_plain_press(stage: Stage) -> list[str]:
    """Nothing goes wrong, so nothing is left to the worker."""
    stage.begin("refuse")
    stage.press(stage.new_order())
    return stage.wrong()


_begin, _state_after = posting.begin, states.state_after


def _with_new_number(session: Any, deps: Any, actor: Any, row: Any, draft: Any, repeated: bool = False) -> Any:
    if row.attempted_uncertain:
        numbers.mark(session, row.number, states.VOID, as_written("opnieuw"), administration=1)
        draft = renumbered(draft, numbers.reserve_invoice_number(session, draft.on, 1))
    return _begin(session, deps, actor, row, draft)


# the rule that is broken: the scenario that shows it, what is replaced, by what
BREAKS: dict[str, tuple[Scenario, str, Callable[..., object]]] = {
    "a blind resend instead of the look-up": (
        a_lost_answer,
        "domain.posting.after_look_up",
        lambda found, equal, after, may_send: states.SENDING if after else states.UNCERTAIN,
    ),
    "a press sends what is uncertain": (
        a_lost_answer,
        "domain.posting.may_send",
        lambda live: live is None or live in states.MAY_SEND_AGAIN | {states.UNCERTAIN},
    ),
    "no answer is taken for not sent": (
        a_lost_answer,
        "domain.posting.state_after",
        lambda outcome: states.NOT_SENT if isinstance(outcome, Uncertain) else _state_after(outcome),
    ),
    "no quiet window": (a_late_act, "domain.posting.window_is_over", lambda lease, window, now: True),
    "no start guard": (
        a_frozen_press_sends_late,
        "gateways.eboekhouden.transport.may_start",
        lambda now, start_by: True,
    ),
    "whoever comes late overwrites": (
        a_frozen_press_writes_late,
        "domain.posting.may_settle",
        lambda outcome, state, same_lease, same_invoice: True,
    ),
    "a new number on retry": (a_resend_before_a_very_late_act, "services.invoicing.posting.begin", _with_new_number),
    "a taken number always means the next one": (
        a_very_late_act,
        "domain.posting.after_number_taken",
        lambda found, equal, uncertain, *_more: states.SENDING,
    ),
    "an interrupted posting is left alone": (
        a_death_after_the_answer,
        "domain.posting.wants_look_up",
        lambda state, lease, now: state == states.UNCERTAIN,
    ),
    "no second transaction": (a_plain_press, "services.invoicing.posting.settle", lambda *_: states.SENDING),
    "a number's place is not kept": (a_plain_press, "services.invoicing.numbers.mark", lambda *_, **__: None),
}


@pytest.mark.parametrize(("scenario", "name", "broken"), BREAKS.values(), ids=BREAKS)
def test_a_broken_rule_turns_the_stage_red(
    stage: Stage, scenario: Scenario, name: str, broken: Callable[..., object]
) -> None:
    assert scenario(stage) == []
    with mock.patch(name, broken):
        wrong = scenario(stage)
    print(wrong)
    assert wrong != [], f"nothing noticed: {name}"


def test_the_index_alone_refuses_a_second_live_posting(stage: Stage) -> None:
    """Nobody looks whether the order has a posting: the database still refuses, and without its index it does not."""

    def sends_again(drop_index: bool) -> list[str]:
        stage.begin("refuse")
        order = stage.new_order()
        stage.press(order)
        if drop_index:
            db.session.rollback()
            stage.change_tables("DROP INDEX uq_billing_claim_live")
        with (
            mock.patch("domain.billing.whole", return_value=None),
            mock.patch("domain.billing.may_claim", return_value=True),
        ):
            press.send(stage.deps, stage.actor, order)
        return stage.doubled()

    with pytest.raises(IntegrityError):
        sends_again(drop_index=False)
    db.session.rollback()
    assert stage.wrong() == []
    assert sends_again(drop_index=True) != []

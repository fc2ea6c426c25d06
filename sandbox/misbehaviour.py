"""Carrying out what a rule of mischief says about the wait before an answer and its form."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from sandbox.answer import HTML, Answer, Delivery
from sandbox.errors import SoapFault
from sandbox.mischief import Rule
from sandbox.soap_writing import fault_answer

_BUSY_PAGE = (
    b"<!doctype html><html><head><title>503 Service Unavailable</title></head>"
    b"<body><h1>Service Unavailable</h1><p>Wegens onderhoud tijdelijk niet beschikbaar.</p></body></html>"
)
_ELSEWHERE = "/soap.asmx?verhuisd=1"


def delivered(rule: Rule | None, act: Callable[[], Answer], version: str) -> Answer:
    """The answer of a call under a rule; `act` carries the operation out and may be called repeatedly."""
    if rule is None:
        return act()
    if rule.kind in _CUT_OFF:
        # the caller hears nothing more while the work goes on behind it
        LATE_ACTS.act_after(rule.seconds, act)
        return Answer(delivery=_CUT_OFF[rule.kind])
    if rule.act == "before":
        act()
    if rule.kind == "slow":
        time.sleep(rule.seconds)
    if rule.act == "after":
        act()
    if rule.act == "never" and rule.kind in _NEEDS_ACT:
        return Answer(delivery=Delivery.NOTHING)
    return _FORMS.get(rule.kind, _unchanged)(rule, act, version)


class LateActs:
    """The acts that wait for their time; a tester may say that it has come."""

    def __init__(self) -> None:
        self._waiting: set[threading.Event] = set()

    def act_after(self, seconds: float, act: Callable[[], Answer]) -> None:
        """Act behind the caller's back: after so many seconds, or once somebody says `now`."""
        said = threading.Event()
        self._waiting.add(said)

        def wait_and_act() -> None:
            said.wait(seconds)
            if said in self._waiting:  # else it was forgotten
                self._waiting.discard(said)
                act()

        threading.Thread(target=wait_and_act, daemon=True).start()

    def now(self) -> int:
        """The time of all of them has come; how many there were."""
        waiting = list(self._waiting)
        for said in waiting:
            said.set()
        return len(waiting)

    def forget(self) -> None:
        """None of them ever acts."""
        waiting, self._waiting = self._waiting, set()
        for said in waiting:
            said.set()


LATE_ACTS = LateActs()


def _unchanged(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return act()


def _half_answer(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return replace(act(), delivery=Delivery.HALF)


def _reset_mid(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return replace(act(), delivery=Delivery.HALF_RESET)


def _drip(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return replace(act(), delivery=Delivery.DRIP, seconds=rule.seconds)


def _truncated_xml(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    whole = act()
    return replace(whole, body=whole.body[: len(whole.body) * 2 // 3])


def _wrong_content_type(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return replace(act(), content_type=HTML)


def _lost_answer(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return Answer(delivery=Delivery.NOTHING)


def _reset(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return Answer(delivery=Delivery.RESET)


def _empty_200(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return Answer()


def _http_500_fault(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return fault_answer(SoapFault("Server", "Server was unable to process request.", version))


def _html_503(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    return Answer(503, _BUSY_PAGE, HTML, {"Retry-After": "30"})


def _redirect(rule: Rule, act: Callable[[], Answer], version: str) -> Answer:
    # 307 keeps the method and the body: who follows it sends the order a second time
    return Answer(307, b"", HTML, {"Location": _ELSEWHERE})


_FORMS: dict[str, Callable[[Rule, Callable[[], Answer], str], Answer]] = {
    "reset_mid": _reset_mid,
    "reset_after": _reset,
    "half_answer": _half_answer,
    "drip": _drip,
    "truncated_xml": _truncated_xml,
    "wrong_content_type": _wrong_content_type,
    "lost_answer": _lost_answer,
    "reset_before": _reset,
    "empty_200": _empty_200,
    "http_500_fault": _http_500_fault,
    "html_503": _html_503,
    "redirect": _redirect,
}
# kinds that bend the real answer: without acting there is nothing to bend, so the connection just closes
_NEEDS_ACT = ("slow", "reset_mid", "half_answer", "drip", "truncated_xml", "wrong_content_type")
_CUT_OFF = {"late_act": Delivery.NOTHING, "reset_during": Delivery.RESET}

"""Calls to e-Boekhouden.nl, each in a session and behind guards, its answer with its proof; client.py says which."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from domain.invoice import RemoteInvoice
from domain.notes import note
from domain.outcome import Problem
from domain.this_machine import is_here
from gateways.bookkeeping import BookkeepingError, Credentials, CredentialsRefused, Declined, Unreachable
from gateways.eboekhouden import codes, limits
from gateways.eboekhouden.answers import Known, Result, Rows, read_result, read_rows
from gateways.eboekhouden.guards import MANY_INVOICES, Breakers, Budget, Places
from gateways.eboekhouden.narrowing import Narrowing, Part
from gateways.eboekhouden.records import listed_invoices
from gateways.eboekhouden.sessions import Sessions
from gateways.eboekhouden.transport import MIB, Call
from gateways.eboekhouden.wire import Wire
from gateways.shared_counts import DayCounts, SharedCounts

_SOURCE = "Crafter"
LIST_CAP = 64 * MIB
_PATIENCE = 0.5
_CLOSING_SECONDS = 3.0
_NARROWING = Narrowing()
ONLY_LOOK_UP = note("call.only_look_up")
_LOOKS_UP = frozenset({"GetFacturen"})  # what codes that are kept for looking up are good for

A = TypeVar("A", Result, Rows)


@dataclass(frozen=True)
class Times:
    """Seconds: to connect, and in total for an AddFactuur, another call, and a list."""

    connect: float = 3.0
    post: float = 20.0
    read: float = 10.0
    lists: float = 60.0


class Calls:
    """Calls to e-Boekhouden.nl for all tenants and threads of a process.

    `before_call` is called before every round trip and may raise; at most `max_calls` threads are busy with it at
    once, at most `max_calls_each` for one administration, each waiting at most `patience` seconds for its turn; with
    `shared` at most `calls_together` of all nodes for one administration; `calls_a_day`, counted with `counts`, of
    which the last `calls_kept` are for invoices and at most `searching_a_day` for the rest of long lists; `listener`
    hears every answer as it came, `reached` each moment of each round trip, `asked` each that ended (wire.Wire), `sent`
    the kind of Outcome of each invoice.
    Raises ValueError when the endpoint is not https (plain http is for loopback only).
    """

    def __init__(
        self,
        endpoint: str,
        *,
        times: Times = Times(),
        before_call: Callable[[], None] = lambda: None,
        max_calls: int = 4,
        max_calls_each: int = 2,
        patience: float = _PATIENCE,
        shared: SharedCounts | None = None,
        counts: DayCounts | None = None,
        calls_together: int = 2,
        calls_a_day: int = 9000,
        calls_kept: int = 1000,
        searching_a_day: int = 2000,
        breakers: Breakers | None = None,
        narrowing: Narrowing = _NARROWING,
        listener: Callable[[str, bytes], None] = lambda operation, content: None,
        reached: Callable[[str], None] = lambda moment: None,
        asked: Callable[[str, str, float], None] = lambda operation, outcome, seconds: None,
        sent: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        _refuse_unsafe(endpoint)
        self._times = times
        self.narrowing = narrowing
        places = Places(max_calls, max_calls_each, patience, shared, calls_together)
        self._budget = Budget(calls_a_day, calls_kept, counts or shared, searching=searching_a_day)
        guards = places, breakers or Breakers(), self._budget
        self._wire = Wire(endpoint, times.connect, *guards, before_call, listener, reached, asked)
        self._sent = sent
        self._sessions = Sessions(self._open_session, patience=times.connect + times.read + _PATIENCE)

    def forget(self, tenant_id: int) -> None:
        """Drop (and close, best effort) cached sessions of a tenant whose link was undone."""
        self._close_sessions(self._sessions.forget(tenant_id))

    def close(self) -> None:
        """Close all sessions; the process ends. Stops at the first that cannot be closed."""
        self._close_sessions(self._sessions.forget())
        self._wire.close()

    def _close_sessions(self, opened: Sequence[tuple[str, str]]) -> None:
        with contextlib.suppress(BookkeepingError):
            for books, session_id in opened:
                with self._wire.place(books, "CloseSession"):
                    call = Call(_CLOSING_SECONDS)
                    self._wire.ask(books, "CloseSession", call, lambda content: content, SessionID=session_id)

    def _open_session(self, credentials: Credentials) -> str:
        """A new SessionID; the caller holds a place."""
        whole = {
            "Username": credentials.username,
            "SecurityCode1": credentials.code1.reveal(),
            "SecurityCode2": credentials.code2.reveal(),
        }
        limits.check(*(("credentials", name, text, None) for name, text in whole.items()))
        read = answer_by(read_result, "OpenSession")
        call = Call(self._times.read)
        try:
            result = self._wire.ask(credentials.books, "OpenSession", call, read, **whole, Source=_SOURCE)
        except Unreachable as unreachable:
            # whatever the session was for has not left
            raise Unreachable(unreachable.why, may_have_arrived=False) from None
        _raise_for_code(result)
        session_id = result.value("SessionID")
        if not session_id:
            raise Unreachable(note("call.no_session", operation="OpenSession"), may_have_arrived=False)
        return session_id

    def _one(
        self,
        credentials: Credentials,
        operation: str,
        reader: Callable[[bytes, str], Result] = read_result,
        **parameters: Any,
    ) -> Result:
        """One operation that is no long list, a dead session reopened once; one that writes has its own connection."""
        own_connection = not operation.startswith("Get")
        call = partial(Call, self._times.read, own_connection=own_connection)
        return self._answered(credentials, operation, call, answer_by(reader, operation), **parameters)

    def _many_invoices(self, credentials: Credentials, wanted: Any, within: float | None = None) -> Part[RemoteInvoice]:
        """The invoices that meet a filter of more than a number, read `within` so many seconds. For guards and the day
        it is a list, not a look-up."""
        call, read = partial(Call, within or self._times.lists, LIST_CAP), answer_by(read_result, "GetFacturen")
        return listed_invoices(self._answered(credentials, "GetFacturen", call, read, MANY_INVOICES, cFilter=wanted))

    def _list(
        self,
        credentials: Credentials,
        operation: str,
        row: str,
        wanted: Any = None,
        known: Known | None = None,
        within: float | None = None,
        guarded_as: str = "",
        **parameters: Any,
    ) -> Rows:
        """The rows of one list operation, a dead session reopened once, within so many seconds; to the guards it is
        `guarded_as`, when that is given."""
        parameters |= {} if wanted is None else {"cFilter": wanted}
        call = partial(Call, within or self._times.lists, LIST_CAP)
        read = answer_by(read_rows, operation, row, known)
        return self._answered(credentials, operation, call, read, guarded_as, **parameters)

    def _answered(
        self,
        credentials: Credentials,
        operation: str,
        new_call: Callable[[], Call],
        read: Callable[[bytes], A],
        guarded_as: str = "",
        **parameters: Any,
    ) -> A:
        """The answer of an operation in a session, reopened once when they no longer know it. Raises for a code.

        A refused session means that nothing was carried out, so the repeat is safe for what writes, too. With codes
        that are kept for looking up nothing else leaves.
        """
        if credentials.only_look_up and operation not in _LOOKS_UP:
            raise BookkeepingError(ONLY_LOOK_UP)
        guarded_as = guarded_as or operation
        with self._wire.place(credentials.books, guarded_as):
            for _ in range(2):
                session_id = self._sessions.get(credentials)
                whole = in_session(credentials, session_id) | parameters
                answer = self._wire.ask(credentials.books, operation, new_call(), read, guarded_as, **whole)
                if codes.problem(answer.code) is not Problem.SESSION:
                    break
                self._sessions.drop(credentials, session_id)
        _raise_for_code(answer)
        return answer


def answer_by(reader: Callable[..., A], *given: Any) -> Callable[[bytes], A]:
    """A reader of answers.py for the operation (and row) of this name."""
    return lambda content: reader(content, *given)


def in_session(credentials: Credentials, session_id: str) -> dict[str, Any]:
    """What goes along with every call in a session."""
    return {"SessionID": session_id, "SecurityCode2": credentials.code2.reveal()}


def _raise_for_code(answer: Result | Rows) -> None:
    """Raise their business error, if there is one; a blank code is none."""
    if not answer.code:
        return
    problem = codes.problem(answer.code)
    kind = CredentialsRefused if problem is Problem.CREDENTIALS else Declined
    raise kind(note("call.said_code", code=answer.code), answer.code, answer.text, problem)


def _refuse_unsafe(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not is_here(parts.hostname):
        raise ValueError("the e-Boekhouden address must be https, for the codes travel in the message")

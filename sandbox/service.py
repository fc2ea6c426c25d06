"""One SOAP request in, one answer out: reading, finding out whose it is, acting, logging."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sandbox import books, usage
from sandbox.answer import Answer
from sandbox.call_log import CallLog
from sandbox.errors import BusinessError, SoapFault
from sandbox.misbehaviour import delivered
from sandbox.mischief import Mischief, Rule
from sandbox.operations import OPERATIONS
from sandbox.operations.context import Context, administration_of
from sandbox.sessions import Sessions
from sandbox.soap_reading import Call, read_call
from sandbox.soap_writing import fault_answer, refusal_answer, result_answer
from sandbox.store import Store
from sandbox.switches import Switches

_BEFORE_A_SESSION = ("OpenSession", "OpenSessionSub", "CloseSession")


class Service:
    """Everything that is shared by the calls: the books, the sessions, the mischief and the log; and who this is."""

    def __init__(self, store: Store, idle_seconds: float, identity: str = "") -> None:
        self.store = store
        self.identity = identity
        self.sessions = Sessions(idle_seconds)
        self.mischief = Mischief()
        self.log = CallLog(store)
        self.today = usage.Today()

    def answer(self, body: bytes, soap_action: str) -> Answer:
        """The answer to one POST, mischief included."""
        try:
            call = read_call(body, soap_action)
        except SoapFault as fault:
            return fault_answer(fault)
        name = self._whose(call)
        rule = self.mischief.take(name, call.operation)
        entry = None
        if name:
            kind = rule.kind if rule else None
            entry = self.log.arrived(name, call.operation, call.values, kind, call.version, call.tolerated)
        return delivered(rule, self._acting_once(call, name, rule, entry), call.version)

    def _acting_once(self, call: Call, name: str | None, rule: Rule | None, entry: int | None) -> Callable[[], Answer]:
        """A function that carries the call out; asked again it gives the same answer, and acts no more."""
        lock = threading.Lock()
        done: list[Answer] = []

        def act() -> Answer:
            with lock:
                if not done:
                    done.append(self._act(call, name, rule, entry))
                return done[0]

        return act

    def _act(self, call: Call, name: str | None, rule: Rule | None, entry: int | None) -> Answer:
        switches = self._switches(name)
        code: str | None = None
        values: Mapping[str, Any] | None = None
        try:
            values = _in_their_order(self._carried_out(call, Context(self.store, self.sessions, rule), name), switches)
            answer = result_answer(call.operation, values, switches, call.version)
        except BusinessError as error:
            code, values = error.code, {"LastErrorCode": error.code, "LastErrorDescription": error.text}
            answer = refusal_answer(call.operation, error, switches, call.version)
        except SoapFault as fault:
            code, values = f"soap:{fault.side}", {"faultstring": fault.text}
            answer = fault_answer(fault)
        if entry is not None:
            self.log.acted(entry, code, values)
        return answer

    def _carried_out(self, call: Call, context: Context, name: str | None) -> Mapping[str, Any] | None:
        if name and self.today.count(name) > usage.PER_DAY:
            raise BusinessError("E003.3")
        if rule := context.mischief("refuse"):
            if call.operation not in _BEFORE_A_SESSION:
                administration_of(context, call.values)
            raise BusinessError(rule.code, rule.text)
        if context.mischief("limit_reached"):
            administration_of(context, call.values)
            raise BusinessError("E003.1")
        return OPERATIONS[call.operation](context, call.values)

    def _whose(self, call: Call) -> str | None:
        """The administration a call is about, as far as can be told before its session is checked."""
        if name := self.sessions.administration_of(call.values.get("SessionID", "")):
            return name
        with self.store.reading() as connection:
            row = connection.execute(
                "SELECT name FROM administration WHERE upper(code2) = ?",
                (call.values.get("SecurityCode2", "").upper(),),
            ).fetchone()
            row = (
                row
                or connection.execute(
                    "SELECT administration AS name FROM login WHERE username = ?",
                    (call.values.get("Username", ""),),
                ).fetchone()
            )
        return row["name"] if row else None

    def _switches(self, name: str | None) -> Switches:
        with self.store.reading() as connection:
            found = books.administration(connection, name)
        return found.switches if found else Switches()


def _in_their_order(values: Mapping[str, Any] | None, switches: Switches) -> Mapping[str, Any] | None:
    """What an operation gives, its lists shuffled when the switch says so: no list of theirs promises an order."""
    if values is None or switches.list_order == "kept":
        return values
    return {
        name: random.sample(value, len(value)) if isinstance(value, list) else value for name, value in values.items()
    }

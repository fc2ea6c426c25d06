"""One round trip to e-Boekhouden, guarded: zeep writes the request, our transport sends it. Only this knows zeep."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import zeep
import zeep.exceptions

from gateways.bookkeeping import Unreachable, Unread
from gateways.eboekhouden.answers import NAMESPACE, Unreadable
from gateways.eboekhouden.guards import Breakers, Budget, Places
from gateways.eboekhouden.transport import Call, TooBig, Transport, Trouble, Withheld

_WSDL = Path(__file__).with_name("eboekhouden.wsdl")

# what zeep raises for a message that cannot be written; nothing has left then
UNWRITABLE = (zeep.exceptions.ValidationError, TypeError, ValueError)

# at DEBUG this logger writes whole envelopes, security codes included
logging.getLogger("zeep.transports").setLevel(logging.INFO)

_MARGIN = 5.0  # seconds that a place outlasts the longest a round trip can take

A = TypeVar("A")


def _nobody(operation: str, content: bytes) -> None:
    """Nobody listens."""


class Wire:
    """One zeep client for all tenants and threads, behind places, breakers and a budget.

    `before_call` is called before every round trip and may raise; `listener` hears every answer as it came; `reached`
    hears each moment of each round trip as `<operation>.<moment>` (transport.Call); `asked` hears of each that ended:
    the operation, answered, refused (a code of theirs) or failed, and the seconds it took.
    """

    def __init__(
        self,
        endpoint: str,
        connect: float,
        places: Places,
        breakers: Breakers,
        budget: Budget,
        before_call: Callable[[], None],
        listener: Callable[[str, bytes], None] = _nobody,
        reached: Callable[[str], None] = lambda moment: None,
        asked: Callable[[str, str, float], None] = lambda operation, outcome, seconds: None,
    ) -> None:
        self._asked = asked
        self._endpoint = endpoint
        self._places = places
        self._breakers = breakers
        self._budget = budget
        self._connect = connect
        self._before_call = before_call
        self._listener = listener
        self._reached = reached
        self._building = threading.Lock()
        self._transport = Transport(endpoint, connect)
        self._client: Any = None
        self._service: Any = None

    @contextmanager
    def place(self, administration: str, guarded_as: str) -> Iterator[None]:
        """Hold one of the places for calls, waiting for a session included. Raises Busy, or Resting at once."""
        self._breakers.check(administration, guarded_as, peek=True)
        with self._places.one(administration):
            yield

    def ask(
        self,
        administration: str,
        operation: str,
        call: Call,
        read: Callable[[bytes], A],
        guarded_as: str = "",
        **parameters: Any,
    ) -> A:
        """Send one request within `call` and read its answer; to the guards it is `guarded_as`, when that is given.

        Raises Resting, Spent, Unreachable (Unread), and UNWRITABLE for a request that cannot be written.
        """
        guarded_as = guarded_as or operation
        self._before_call()
        self._breakers.check(administration, guarded_as)
        self._budget.spend(administration, guarded_as)
        self._places.keep(administration, call.total + 2 * self._connect + _MARGIN)
        began, outcome = time.monotonic(), "failed"
        try:
            content = self._send(operation, call, parameters)
            self._listener(operation, content)
            answer = read(content)
            outcome = "refused" if getattr(answer, "code", "") else "answered"
        except (Trouble, Unreadable) as trouble:
            if isinstance(trouble, Unreadable):
                self._breakers.worked(administration, guarded_as)  # it came whole: they are there
            elif not isinstance(trouble, Withheld):
                self._breakers.failed(administration, guarded_as)
            of_kind = Unread if isinstance(trouble, Unreadable | TooBig) else Unreachable
            raise of_kind(trouble.why, call.left) from None
        finally:
            self._asked(operation, outcome, time.monotonic() - began)
        self._breakers.worked(administration, guarded_as)
        return answer

    def _send(self, operation: str, call: Call, parameters: dict[str, Any]) -> bytes:
        self._build()
        call.reached = lambda moment: self._reached(f"{operation}.{moment}")
        with call, self._client.settings(raw_response=True):
            content: bytes = self._service[operation](**parameters).content
        return content

    def make(self, name: str) -> Callable[..., Any]:
        """zeep's class of one of their types."""
        self._build()
        made: Callable[..., Any] = self._client.get_type(f"{{{NAMESPACE}}}{name}")
        return made

    def close(self) -> None:
        """Close idle connections."""
        self._transport.close()

    def _build(self) -> None:
        """The zeep client, once per process and not before the first use, so after any fork."""
        with self._building:
            if self._service is None:
                settings = zeep.Settings(forbid_dtd=True, forbid_external=True)
                self._client = zeep.Client(  # type: ignore[no-untyped-call]
                    str(_WSDL), transport=self._transport, settings=settings
                )
                self._service = self._client.create_service(f"{{{NAMESPACE}}}soapAppSoap", self._endpoint)

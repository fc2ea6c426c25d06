"""What our side of AddFactuur costs in processor time, beside zeep's own client that builds and sends the same invoice.

python -m benchmarks.soap [ROUNDS]: both against one play bookkeeping, in turns; the ratio is the median of the rounds.
Ours opens a connection of its own for each invoice (a byte on a fresh connection has certainly not left before) and
watches a deadline; zeep keeps its connection, and beside it stands zeep opening one each time.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
import zeep

from benchmarks.figures import Figure, table
from domain.invoice import InvoiceDraft, InvoiceLine
from domain.outcome import Posted
from gateways.bookkeeping import Credentials, Secret
from gateways.eboekhouden import mapping
from gateways.eboekhouden.answers import NAMESPACE
from gateways.eboekhouden.client import EBoekhouden
from tests.support.sandbox_process import running_sandbox

CODE1, CODE2 = "0123456789abcdef0123456789abcdef", "0F0E0D0C-1111-4222-8333-444455556666"
WSDL = Path(mapping.__file__).with_name("eboekhouden.wsdl")
EACH = 20
LINE = InvoiceLine("ARBEID", "Arbeid", Decimal("2.5"), "uur", Decimal("42.00"), "high", "8000")


def draft(number: int) -> InvoiceDraft:
    """An ordinary invoice of five lines."""
    return InvoiceDraft(f"M2026-{number:05d}", "1001", date(2026, 11, 26), 14, "Factuursjabloon", (LINE,) * 5)


class Zeep:
    """zeep as its manual uses it."""

    def __init__(self, endpoint: str, keep: bool) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._headers = {} if keep else {"Connection": "close"}
        transport = zeep.Transport(session=self._session, timeout=30, operation_timeout=30)
        self.client = zeep.Client(str(WSDL), transport=transport)
        self._service = self.client.create_service(f"{{{NAMESPACE}}}soapAppSoap", endpoint)
        opened = self._service.OpenSession(Username="demo", SecurityCode1=CODE1, SecurityCode2=CODE2, Source="Meting")
        self._in_session = {"SessionID": opened.SessionID, "SecurityCode2": CODE2}
        self._session.headers.update(self._headers)

    def post(self, number: int) -> None:
        """Send one invoice; raises when it did not arrive."""
        make = lambda name: self.client.get_type(f"{{{NAMESPACE}}}{name}")  # noqa: E731
        answer = self._service.AddFactuur(**self._in_session, oFact=mapping.invoice_out(make, draft(number)))
        assert answer.Factuurnummer == draft(number).number, answer


class Ours:
    """The gateway."""

    def __init__(self, endpoint: str) -> None:
        self._gateway = EBoekhouden(endpoint)
        self._credentials = Credentials(1, 1, "demo", Secret(CODE1), Secret(CODE2))

    def post(self, number: int) -> None:
        """Send one invoice; raises when it did not arrive."""
        answer = self._gateway.post_invoice(self._credentials, draft(number), time.monotonic() + 30)
        assert isinstance(answer, Posted), answer


def cost(post: Callable[[int], Any], numbers: itertools.count[int]) -> float:
    """Processor milliseconds of this process per invoice."""
    began = time.process_time()
    for _ in range(EACH):
        post(next(numbers))
    return (time.process_time() - began) / EACH * 1000


def measure(rounds: int) -> list[Figure]:
    """Send so many blocks each way."""
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as sandbox:
        sandbox.reset("demo")
        numbers = itertools.count(1)
        ways = {
            "zeep, one connection": Zeep(sandbox.soap_url, keep=True).post,
            "zeep, a connection each": Zeep(sandbox.soap_url, keep=False).post,
            "the gateway": Ours(sandbox.soap_url).post,
        }
        for way in ways.values():
            way(next(numbers))  # what is built at the first call
        found: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(rounds):
            for name in list(ways)[:: 1 if turn % 2 else -1]:
                found[name].append(cost(ways[name], numbers))
        base = found["zeep, one connection"]
        return [
            Figure(
                f"AddFactuur: {name}",
                statistics.median(one / other for one, other in zip(figures, base, strict=True)),
                most=1.2 if name == "the gateway" else None,
                beside=f"{statistics.median(figures):.2f} ms of processor; x zeep on one connection",
            )
            for name, figures in found.items()
        ]


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10)))

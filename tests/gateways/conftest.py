"""The cast of the gateway's tests: gateways with ample times, the sandbox's demo books, one ordinary invoice."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.invoice import InvoiceDraft, InvoiceLine
from domain.outcome import Outcome
from gateways.bookkeeping import Credentials, Secret
from gateways.eboekhouden.calls import Times
from gateways.eboekhouden.contract_books import ContractBooks
from tests.support.sandbox_process import Sandbox

CODE1 = "0123456789abcdef0123456789abcdef"
CODE2 = "0F0E0D0C-1111-4222-8333-444455556666"
# Nothing runs out of time because the machine is busy; a test that is about time says itself which one is short.
ROOMY = Times(connect=20, post=60, read=60, lists=90)

_numbers = itertools.count(1)


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(1, 1, "demo", Secret(CODE1), Secret(CODE2))


@pytest.fixture
def connect() -> Iterator[Callable[..., ContractBooks]]:
    """Makes gateways with ample times and closes their connections afterwards."""
    made: list[ContractBooks] = []

    def make(endpoint: str, **wishes: Any) -> ContractBooks:
        made.append(ContractBooks(endpoint, **{"times": ROOMY, **wishes}))
        return made[-1]

    yield make
    for gateway in made:
        gateway._wire.close()


@dataclass
class Books:
    """The sandbox's demo administration seen through one gateway."""

    sandbox: Sandbox
    gateway: ContractBooks
    credentials: Credentials

    def post(self, draft: InvoiceDraft) -> Outcome:
        return self.gateway.post_invoice(self.credentials, draft, soon())

    def numbers(self) -> list[str]:
        return [invoice["Factuurnummer"] for invoice in self.sandbox.invoices("demo")]

    def calls(self) -> list[str]:
        return [call["operation"] for call in self.sandbox.calls("demo")]


@pytest.fixture
def books(sandbox: Sandbox, connect: Callable[..., ContractBooks], credentials: Credentials) -> Books:
    return Books(sandbox, connect(sandbox.soap_url), credentials)


def soon() -> float:
    """A time to start by that leaves room."""
    return time.monotonic() + 60


def line(**changes: Any) -> InvoiceLine:
    """An ordinary line: 2.5 hours at 42 euros."""
    usual: dict[str, Any] = {
        "code": "ARBEID",
        "description": "Werkbon 2026-0042 <cv-ketel> & leidingwerk",
        "quantity": Decimal("2.50"),
        "unit": "uur",
        "price": Decimal("42.0000"),
        "vat_code": "high",
        "ledger_code": "8000",
    }
    return InvoiceLine(**{**usual, **changes})


def draft(**changes: Any) -> InvoiceDraft:
    """An ordinary invoice under a number of its own."""
    usual: dict[str, Any] = {
        "number": f"WB2026-{next(_numbers):04d}",
        "relation_code": "1001",
        "on": date(2026, 11, 22),
        "term_days": 14,
        "template": "Factuursjabloon",
        "lines": (line(),),
    }
    return InvoiceDraft(**{**usual, **changes})

"""The same journey in every combination of the forms that the real service may answer in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from domain.invoice import differences
from domain.outcome import Posted, Refused
from gateways.bookkeeping import Credentials, CredentialsRefused, Declined, Secret
from gateways.eboekhouden.contract_books import ContractBooks
from sandbox.switches import RULES
from tests.gateways.conftest import ROOMY, Books, draft, line
from tests.support.sandbox_process import Sandbox

pytestmark = pytest.mark.xdist_group("combinations")

SWITCHES: dict[str, tuple[Any, ...]] = {
    "error_msg": ("likeliest", "absent", "no_children", "empty_children"),
    "empty_lists": ("present", "absent"),
    "relatiecode_typed": (True, False),
    "session_code": ("dotted", "plain"),
    "vat_per": ("line", "total"),
    "used_number": ("refuse", "let_through"),
}
COMBINATIONS = [dict(zip(SWITCHES, values, strict=True)) for values in itertools.product(*SWITCHES.values())]
# three times 0.07 with 21 %: 0.01 VAT a line and 0.04 over their total
ROUNDED = (line(quantity=Decimal(1), price=Decimal("0.07")),) * 3


def test_all_combinations_are_tried(sandbox: Sandbox) -> None:
    assert len(COMBINATIONS) == 128
    known = sandbox.switches("demo")
    assert set(known) == {*SWITCHES, *RULES, "error_msg_of"}, "the sandbox has another switch: it belongs in the table"
    assert all(known[name] in values for name, values in SWITCHES.items())


@pytest.fixture(scope="module")
def shared(sandbox_process: Sandbox) -> Iterator[Books]:
    """One gateway for all combinations, so that it meets the forms one after the other."""
    sandbox_process.reset("demo")
    given = sandbox_process.credentials("demo")
    credentials = Credentials(1, 1, given["username"], Secret(given["code1"]), Secret(given["code2"]))
    gateway = ContractBooks(sandbox_process.soap_url, times=ROOMY)
    yield Books(sandbox_process, gateway, credentials)
    gateway.close()
    sandbox_process.reset("demo")


@pytest.mark.parametrize("switches", COMBINATIONS, ids=["-".join(map(str, one.values())) for one in COMBINATIONS])
def test_the_journey(shared: Books, switches: dict[str, Any], record_property: Callable[[str, object], None]) -> None:
    record_property("counted", "combinations of uncertain forms")
    books, gateway, credentials = shared, shared.gateway, shared.credentials
    books.sandbox.switches("demo", **switches)
    gateway.forget(credentials.tenant_id)
    gateway.ready(credentials)
    assert {row.code for row in gateway.relations(credentials).rows} >= {"1001"}
    ours = draft(lines=ROUNDED)
    assert gateway.find_invoice(credentials, ours.number) is None
    assert gateway.invoices_of(credentials, "bestaat-niet", ours.on).rows == ()
    # in the middle of the work their session is over
    books.sandbox.mischief("demo", [{"kind": "expired_session", "operation": "AddFactuur"}])
    assert books.post(ours) == Posted(ours.number)
    theirs = gateway.find_invoice(credentials, ours.number)
    assert theirs is not None
    assert differences(ours, theirs) == ()
    assert theirs.relation_code == "1001"
    assert theirs.vat == (Decimal("0.03") if switches["vat_per"] == "line" else Decimal("0.04"))
    again = books.post(ours)
    if switches["used_number"] == "refuse":
        assert isinstance(again, Refused)
        assert again.code == "CFACT026"
    else:
        assert again == Posted(ours.number)


@pytest.mark.parametrize("error_msg", SWITCHES["error_msg"])
@pytest.mark.parametrize("session_code", SWITCHES["session_code"])
def test_a_no_is_a_no_in_every_form(shared: Books, error_msg: str, session_code: str) -> None:
    books = shared
    books.sandbox.switches("demo", error_msg=error_msg, session_code=session_code)
    books.sandbox.mischief("demo", [{"kind": "expired_session", "operation": "GetFacturen", "times": 2}])
    with pytest.raises(Declined) as declined:
        books.gateway.find_invoice(books.credentials, "WB1")
    assert declined.value.code == ("E002.3" if session_code == "dotted" else "E0023")
    assert books.gateway.explain(declined.value.code) is not None
    books.gateway.forget(books.credentials.tenant_id)
    books.sandbox.mischief("demo", [{"kind": "password_changed"}])
    with pytest.raises(CredentialsRefused):
        books.gateway.ready(books.credentials)
    books.sandbox.clear_mischief("demo")

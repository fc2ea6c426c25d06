"""A client that somebody else wrote for the real service, against the sandbox (more of them: make check-clients)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.clients.with_eboekhouden_python import conversation
from tests.support.sandbox_process import Sandbox

_EXPECTED = {
    "add_relatie": True,
    "add_relatie (again)": "CREL001",
    "get_relaties (code)": [("Klant van Python", "Hagewoud")],
    "get_relaties (keyword)": ["PY1"],
    "get_relaties (nothing)": [],
    "add_mutatie": 1,
    "add_mutatie (again)": "CMUT018",
    "mutatie_exists": True,
    "add_mutatie (money)": 2,
    "get_mutaties": [("FactuurVerstuurd", "17.36"), ("GeldOntvangen", "0.90")],
    "get_mutaties (number)": ["Verkoop"],
    "get_open_posten": [("PY-1", "Klant van Python", 100.0)],
    "log in (wrong code 1)": "E001.1",
}


@pytest.mark.parametrize(
    ("error_msg", "empty_lists"), [("absent", "present"), ("no_children", "absent"), ("empty_children", "absent")]
)
def test_eboekhouden_python_does_all_it_can(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, error_msg: str, empty_lists: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    sandbox.switches("demo", error_msg=error_msg, empty_lists=empty_lists)
    said: dict[str, Any] = {}
    conversation(sandbox.soap_url, said.__setitem__)
    assert said == _EXPECTED
    remarks = {remark for call in sandbox.calls("demo") for remark in call["tolerated"]}
    assert "AddRelatie.oRel: ID ontbreekt" in remarks, "it sends what the schema does not allow"

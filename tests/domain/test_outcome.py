"""Which answer means what: the design's table, row by row."""

from __future__ import annotations

import pytest

from domain.message import as_written
from domain.notes import note
from domain.outcome import NotSent, Observed, Outcome, Posted, Refused, Uncertain, classify
from domain.posting import state_after

OURS = "WB2026-0031"
TABLE = [
    (Observed(left=False, why=as_written("geen verbinding")), NotSent(as_written("geen verbinding"))),
    (
        Observed(left=False, code="E001.1", text="fout", why=as_written("sessie")),
        NotSent(as_written("sessie"), "E001.1", "fout"),
    ),
    (Observed(left=True, answered=True, number=OURS), Posted(OURS)),
    (Observed(left=True, answered=True, code="CFACT025", text="relatie"), Refused("CFACT025", "relatie")),
    (Observed(left=True, answered=True, code="X999", text="nieuw"), Refused("X999", "nieuw")),
    (Observed(left=True, answered=True, code="CFACT026", text="bezet"), Refused("CFACT026", "bezet")),
    (Observed(left=True, answered=True, code="E002.3"), NotSent(note("call.session_refused"), "E002.3", "")),
    (Observed(left=True, answered=True, code="E0023"), NotSent(note("call.session_refused"), "E0023", "")),
    (Observed(left=True, answered=True, code="E003.1"), NotSent(note("call.session_refused"), "E003.1", "")),
    (Observed(left=True, answered=False, why=as_written("time-out")), Uncertain(as_written("time-out"))),
    (Observed(left=True, answered=False), Uncertain(note("call.no_proof"))),
]


@pytest.mark.parametrize(("observed", "expected"), TABLE)
def test_the_table(observed: Observed, expected: Outcome) -> None:
    assert classify(observed, OURS) == expected


@pytest.mark.parametrize("number", ["", "F00001", "WB2026-0032"])
def test_another_number_or_none_is_no_proof(number: str) -> None:
    assert isinstance(classify(Observed(left=True, answered=True, number=number), OURS), Uncertain)


def test_a_taken_number_is_uncertain_until_it_is_looked_up() -> None:
    assert state_after(Refused("CFACT026", "")) == "uncertain"
    assert state_after(Refused("CFACT025", "")) == "refused"

"""Which answer means what: the table, row by row."""

from __future__ import annotations

import pytest

from domain.message import as_written
from domain.notes import note
from domain.outcome import NotSent, Observed, Outcome, Posted, Problem, Refused, Uncertain, classify
from domain.posting import state_after

OURS = "WB2026-0031"
TABLE = [
    (Observed(left=False, why=as_written("geen verbinding")), NotSent(as_written("geen verbinding"))),
    (
        Observed(left=False, code="K1", text="fout", why=as_written("sessie"), problem=Problem.CREDENTIALS),
        NotSent(as_written("sessie"), "K1", "fout", Problem.CREDENTIALS),
    ),
    (Observed(left=True, answered=True, number=OURS), Posted(OURS)),
    *(
        (Observed(True, True, code="K2", text="nee", problem=problem), Refused("K2", "nee", problem))
        for problem in (Problem.OTHER, Problem.NUMBER_TAKEN, Problem.CODE_TAKEN)
    ),
    *(
        (Observed(True, True, code="K3", problem=problem), NotSent(note("call.session_refused"), "K3", "", problem))
        for problem in (Problem.SESSION, Problem.CREDENTIALS, Problem.LIMIT, Problem.DAY_LIMIT)
    ),
    (Observed(left=True, answered=False, why=as_written("time-out")), Uncertain(as_written("time-out"))),
    (Observed(left=True, answered=False), Uncertain(note("call.no_proof"))),
]


@pytest.mark.parametrize(("observed", "expected"), TABLE)
def test_the_table(observed: Observed, expected: Outcome) -> None:
    assert classify(observed, OURS) == expected


@pytest.mark.parametrize("number", ["", "F00001", "WB2026-0032"])
def test_another_number_or_none_is_no_proof(number: str) -> None:
    said = note("call.other_number", theirs=repr(number), ours=repr(OURS))
    assert classify(Observed(left=True, answered=True, number=number), OURS) == Uncertain(said)


def test_a_taken_number_is_uncertain_until_it_is_looked_up() -> None:
    assert state_after(Refused("K2", "", Problem.NUMBER_TAKEN)) == "uncertain"
    assert state_after(Refused("K2", "")) == "refused"


def test_every_problem_leads_somewhere() -> None:
    """A certain no, or nothing was carried out; a problem added later has to be placed in the table above."""
    placed = {observed.problem for observed, _outcome in TABLE}
    assert placed == set(Problem)

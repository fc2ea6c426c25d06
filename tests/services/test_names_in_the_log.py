"""The log by a name: what is looked up is what reading every line would find."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace

import pytest

from domain.fold import holds
from models import AuditEntry
from services.trail import history
from services.trail.history import Filter
from services.transaction import write_transaction
from tests.support.cast import process

BEGIN = datetime(2020, 6, 1, 12, tzinfo=UTC)
PEOPLE = ("Ans de Wit", "Bert", "Zoë Çelik", "100% Bert", "B.V. Steun", "opdrachtregel")
FOR = ("", "Ans de Wit", "Wim van ’t Hof")
EVENTS = ("location.changed", "work_order.created")
DAY = datetime(2020, 6, 30, tzinfo=UTC).date()


@pytest.fixture
def lines(vos: SimpleNamespace) -> list[tuple[str, str, str, str]]:
    """Every person for everybody, twice; who, for whom, the event and what the line is called."""
    found = []
    process("vos")
    with write_transaction() as session:
        for number, (who, other, event) in enumerate(product(PEOPLE, FOR, EVENTS)):
            name = f"regel-{number:03}"
            found.append((who, other, event, name))
            session.add(
                AuditEntry(
                    at=BEGIN + timedelta(minutes=number), event=event, person_name=who, on_behalf_of=other,
                    subject_name=name, data={"name": name},
                )
            )  # fmt: skip
    return found


@pytest.mark.parametrize("kind", ["", "orders"])
@pytest.mark.parametrize(
    "typed",
    ["ans", "BERT", "celik", "wit bert", "hof steun", "%", "e", "bv", "niemand", "wit niemand", "ans ans", "'t hof"],
)  # fmt: skip
@pytest.mark.parametrize("most", [0, 2, history.MOST_NAMES])
def test_a_line_is_found_when_each_word_is_in_one_of_its_names(
    lines: list[tuple[str, str, str, str]], monkeypatch: pytest.MonkeyPatch, typed: str, kind: str, most: int
) -> None:
    monkeypatch.setattr(history, "MOST_NAMES", most)
    wanted = [
        name
        for who, other, event, name in reversed(lines)
        if all(holds(who, word) or holds(other, word) for word in typed.split())
        and (not kind or event.startswith("work_order."))
    ]
    process("vos")
    asked = Filter(kind=kind, who=typed, through=DAY)
    assert [line.name for line in history.export(asked)] == wanted
    page = history.list_(wanted=asked)
    assert [line.name for line in page.rows] == wanted[:50]


def test_nobody_hears_of_the_names_of_a_neighbour(
    lines: list[tuple[str, str, str, str]], cast: SimpleNamespace
) -> None:
    process("buur")
    assert list(history.export(Filter(who="ans", through=DAY))) == []

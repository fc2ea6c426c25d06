"""Logboek: filters, paging and the file to download."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from models import AuditEntry
from services import paging
from services.trail import history
from services.trail.history import Filter
from services.transaction import write_transaction
from tests.support.cast import process

PAGE = "/t/vos/settings/history"
EXPORT = "/t/vos/settings/history/export"
REASON = "de planner vroeg om hulp"


def write(at: datetime, who: str, name: str, event: str = "location.changed") -> None:
    """One entry at a moment of our choosing."""
    process("vos")
    with write_transaction() as session:
        session.add(AuditEntry(at=at, event=event, person_name=who, data={"name": name}))


@pytest.fixture
def log(vos: SimpleNamespace) -> SimpleNamespace:
    """Three entries of long ago; the first on one second before midnight in Amsterdam."""
    write(datetime(2020, 6, 1, 21, 59, 59, tzinfo=UTC), "Ans", "juni-een")
    write(datetime(2020, 6, 1, 22, 0, 0, tzinfo=UTC), "Bert", "juni-twee")
    write(datetime(2020, 6, 9, 12, 0, 0, tzinfo=UTC), "100% Bert", "juni-negen")
    return vos


def table(text: str) -> list[list[str]]:
    """The rows of a CSV file without its head."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))[1:]


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("since=2020-06-01&through=2020-06-01", {"juni-een"}),
        ("since=2020-06-02&through=2020-06-08", {"juni-twee"}),
        ("through=2020-06-30&who=bert", {"juni-twee", "juni-negen"}),
        ("through=2020-06-30&who=100%25", {"juni-negen"}),
        ("through=2020-06-30&kind=catalogue", {"juni-een", "juni-twee", "juni-negen"}),
        ("through=2020-06-30&kind=invoices", set()),
        ("through=2020-06-30&visits=1", set()),
        ("through=2020-06-30&since=morgen&kind=onzin", {"juni-een", "juni-twee", "juni-negen"}),
    ],
)
def test_a_filter_shows_what_matches_on_the_page_and_in_the_file(
    client_as: Any, log: SimpleNamespace, query: str, seen: set[str]
) -> None:
    client = client_as("owner")
    page = client.get(f"{PAGE}?{query}").text
    file = client.get(f"{EXPORT}?{query}")
    for name in ("juni-een", "juni-twee", "juni-negen"):
        assert (name in page) == (name in seen), name
        assert (name in file.text) == (name in seen), name
    assert file.headers["Content-Disposition"] == 'attachment; filename="logboek.csv"'


def test_only_visits_shows_what_support_did_and_nothing_else(client_as: Any, vos: SimpleNamespace) -> None:
    staff, owner = client_as("support"), client_as("owner")
    staff.post("/support/vos/step-in", data={"mode": "reading", "reason": REASON})
    staff.get(f"/t/vos/work-orders/{vos.order_id}")
    rows = table(owner.get(f"{EXPORT}?visits=1").text)
    assert [row[5] for row in rows] == ["visit.looked", "impersonation.started"]
    assert {row[1] for row in rows} == {"Sam Steun"}
    assert REASON in owner.get(f"{PAGE}?visits=1").text


def test_a_name_that_looks_like_a_formula_is_text_in_the_file(client_as: Any, vos: SimpleNamespace) -> None:
    write(datetime.now(UTC), "=HYPERLINK(1)", "x")
    rows = table(client_as("owner").get(EXPORT).text)
    assert "'=HYPERLINK(1)" in {row[1] for row in rows}
    assert "=HYPERLINK(1)" not in {row[1] for row in rows}


def test_the_filter_stays_while_paging_and_no_line_is_missed_or_doubled(client_as: Any, vos: SimpleNamespace) -> None:
    at = datetime.now(UTC) + timedelta(days=1)
    process("vos")
    with write_transaction() as session:
        for number in range(paging.SIZE + 5):
            session.add(AuditEntry(at=at, event="location.changed", person_name="Veel", data={"name": f"n{number:03}"}))
    first = history.list_(wanted=Filter(who="veel"))
    second = history.list_(first.next, Filter(who="veel"))
    names = [str(line.what) for line in (*first.rows, *second.rows)]
    assert len(names) == len(set(names)) == paging.SIZE + 5
    assert second.next == ""
    link = client_as("owner").get(f"{PAGE}?who=Veel").text.split('rel="next"')[0].rsplit("<a", 1)[1]
    assert "who=Veel" in link
    assert "after=" in link


def test_a_file_of_the_log_holds_every_line_however_few_are_read_at_a_time(
    client_as: Any, log: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    process("vos")
    filters = (Filter(), Filter(kind="orders"), Filter(visits_only=True))
    whole, *some = [list(history.export(wanted)) for wanted in filters]
    assert len(whole) > 4
    assert some[0] == [line for line in whole if line.event.startswith("work_order.")]
    monkeypatch.setattr(history, "AT_ONCE", 2)
    assert [list(history.export(wanted)) for wanted in filters] == [whole, *some]
    answer = client_as("owner").get(EXPORT)
    assert len(answer.text.splitlines()) > len(whole)


@pytest.mark.parametrize(("who", "may_read"), [("office", True), ("reader", True), ("worker", False)])
def test_who_may_read_and_who_may_download(client_as: Any, who: str, may_read: bool) -> None:
    client = client_as(who)
    assert client.get(PAGE).status_code == (200 if may_read else 403)
    assert client.get(EXPORT).status_code == (200 if who == "office" else 403)
    if may_read:
        assert (EXPORT in client.get(PAGE).text) == (who == "office")

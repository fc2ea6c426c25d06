"""The draw and the counting of `make mutants`: same seed, same draw; what is undecided is neither noticed nor not."""

from __future__ import annotations

from tests.mutants import NOTICED, PARTS, ROOT, UNDECIDED, UNNOTICED, counted, draw, file_of, score

NAMES = [f"domain.posting.x_may_send__mutmut_{number}" for number in range(50)]


def test_the_same_seed_draws_the_same_changes_in_whatever_order_they_are_known() -> None:
    drawn = draw(NAMES, 10, 2026)
    assert len(set(drawn)) == 10
    assert draw(reversed(NAMES), 10, 2026) == drawn
    assert draw(set(NAMES), 10, 2026) == drawn
    assert draw(NAMES, 10, 2027) != drawn
    assert draw(NAMES, 51, 1) == sorted(NAMES)


def test_what_came_of_a_change_is_counted_by_file_and_a_time_limit_decides_nothing() -> None:
    other = "services.invoicing.press.xǁBlockedǁ__init____mutmut_1"
    assert file_of(other) == "services/invoicing/press.py"
    words = ["killed", "killed", "killed", "survived", "no tests", "timeout", "segfault", "suspicious", "not checked"]
    table = counted([*NAMES[:10], other], {**dict(zip(NAMES, words, strict=False)), other: "survived"})
    assert table == {
        "domain/posting.py": {NOTICED: 3, UNNOTICED: 2, UNDECIDED: 5},
        "services/invoicing/press.py": {UNNOTICED: 1},
    }
    assert score(table["domain/posting.py"]) == 60
    assert score({UNDECIDED: 4}) == 0


def test_the_tests_that_are_to_notice_exist() -> None:
    for part in PARTS.values():
        assert [path for path in (part.source, *part.tests) if not (ROOT / path).exists()] == []
        for path, name in (one.split("::") for one in part.without):
            assert f"def {name}(" in (ROOT / path).read_text()

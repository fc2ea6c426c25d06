"""More rows than one answer holds: what narrowing finds, what it costs, and when it dares to call itself complete."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from domain.outcome import Problem
from gateways.bookkeeping import Credentials, CredentialsRefused, Declined, Odd, OddRow, Unreachable, one_answer
from gateways.eboekhouden.calls import Times
from gateways.eboekhouden.client import EBoekhouden
from gateways.eboekhouden.narrowing import Found, Narrowing, Part, Search, Wanted
from tests.gateways.conftest import Books
from tests.gateways.raw_server import Connection, answer_of, by_the_book, http, raw_server

Connect = Callable[..., EBoekhouden]
CAP = 20
WITHOUT_PAUSE = Narrowing(cap=CAP, pause=0, calls=2000)


@dataclass(frozen=True)
class Row:
    """A row of a play list."""

    number: int
    code: str
    name: str = ""


WANTED: Wanted[Row] = Wanted(lambda row: row.number, lambda row: (row.code, row.name))


class PlayList:
    """Answers as they do: the first CAP rows that hold the word in a text, whatever its case."""

    def __init__(self, rows: Sequence[Row], cap: int = CAP) -> None:
        self.rows = rows
        self.cap = cap
        self.words: list[str] = []

    def __call__(self, word: str) -> Part[Row]:
        self.words.append(word)
        found = [row for row in self.rows if word in row.code.lower() or word in row.name.lower()]
        return Part(tuple(found[: self.cap]))

    def exact(self, code: str) -> Part[Row]:
        self.words.append(f"={code}")
        return Part(tuple(row for row in self.rows if row.code.lower() == code))


def search(rows: Sequence[Row], limits: Narrowing = WITHOUT_PAUSE) -> tuple[Found[Row], PlayList]:
    play = PlayList(rows)
    return Search(play, play.exact, WANTED, limits).all(), play


def numbered(codes: Sequence[str], name: str = "") -> list[Row]:
    return [Row(number, code, name) for number, code in enumerate(codes, 1)]


def words(seed: int, amount: int) -> list[str]:
    """Different invented names of 4 to 9 letters."""
    dice = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < amount:
        made["".join(dice.choice("bdgklmnprstvwz" if n % 2 else "aeiou") for n in range(dice.randint(4, 9)))] = None
    return list(made)


LISTS: dict[str, list[Row]] = {
    "nothing": [],
    "just under": numbered([str(n) for n in range(1000, 1000 + CAP - 1)]),
    "just at": numbered([str(n) for n in range(1000, 1000 + CAP)]),
    "numbers": numbered([str(n) for n in range(1000, 1600)]),
    "numbers that begin with what the first answer does not show": numbered([str(n) for n in range(1, 900)]),
    "padded numbers": numbered([f"{n:05d}" for n in range(1, 600)]),
    "a letter and a number": numbered([f"K{n}" for n in range(1, 600)]),
    "two kinds of numbers": numbered([f"K{n:04d}" for n in range(200)] + [f"9{n:03d}" for n in range(200)]),
    "numbers in a name that all have": numbered([str(n) for n in range(1000, 1300)], "klant van 2026"),
    "with strokes": numbered([f"NL-{n // 20}-{n % 20}" for n in range(400)]),
    "names": numbered([word.upper() for word in words(1, 300)]),
    "names and numbers": numbered([w if n % 2 else str(1000 + n) for n, w in enumerate(words(2, 400))]),
    "shuffled": random.Random(3).sample(numbered([str(n) for n in range(10000, 10800)]), 800),
}


@pytest.mark.parametrize("rows", LISTS.values(), ids=LISTS.keys())
def test_everything_is_found_once_and_called_complete(rows: list[Row]) -> None:
    found, play = search(rows)
    assert sorted(row.number for row in found.rows) == sorted(row.number for row in rows)
    assert found.complete
    assert found.calls == len(play.words) == len(set(play.words)), "a word was asked twice"


def test_a_list_under_the_cap_is_one_call() -> None:
    assert search(LISTS["just under"])[0].calls == 1
    assert search(LISTS["just at"])[0].calls > 1


def coded(dice: random.Random, amount: int) -> list[str]:
    """Different codes as an administration may have them: one kind, or a second kind beside it."""
    kinds: list[Callable[[], str]] = [
        lambda: str(dice.randrange(100, 100_000)),
        lambda: f"{dice.randrange(100_000):05d}",
        lambda: f"K{dice.randrange(10_000)}",
        lambda: f"{dice.choice(('NL', 'BE', 'D'))}{dice.randrange(10_000):04d}",
        lambda: f"{dice.randrange(20, 27)}-{dice.randrange(1000):03d}",
    ]
    first, second = dice.choice(kinds), dice.choice(kinds)
    share = dice.choice((0, 0.1, 0.3))
    return list(dict.fromkeys((second if dice.random() < share else first)() for _ in range(amount)))


@pytest.mark.parametrize("seed", range(30))
def test_what_is_called_complete_misses_at_most_one_that_stands_alone(seed: int) -> None:
    dice = random.Random(seed)
    codes = coded(dice, dice.randint(150, 3000))
    if dice.random() < 0.5:
        codes.sort()
    rows = numbered(codes, dice.choice(["", "Bouwbedrijf", "Van 2 naar 7"]))
    play = PlayList(rows, cap=100)
    found = Search(play, play.exact, WANTED, Narrowing(cap=100, pause=0, calls=2000)).all()
    assert len(found.rows) >= len(rows) - 1 or not found.complete
    assert len(found.rows) > 0.9 * len(rows)


def test_rows_that_no_longer_word_tells_apart_are_never_called_complete() -> None:
    found, _ = search([Row(number, "", "contant") for number in range(CAP + 5)])
    assert not found.complete
    assert len(found.rows) == CAP


def test_a_kind_that_the_first_answers_do_not_show_is_found_by_words_picked_at_random() -> None:
    rows = LISTS["two kinds of numbers"]
    assert search(rows)[0].complete
    found, _ = search(rows, Narrowing(cap=CAP, pause=0, calls=2000, checks=0))
    assert len(found.rows) < len(rows), "then the words picked at random are not needed"


def test_a_row_that_a_capped_answer_showed_and_no_other_is_not_called_complete() -> None:
    rows = numbered([str(n) for n in range(1000, 1100)])
    play = PlayList(rows)

    def forgetful(word: str) -> Part[Row]:
        return Part(tuple(row for row in play(word).rows if not word or row.number != 7))

    found = Search(forgetful, None, WANTED, WITHOUT_PAUSE).all()
    assert not found.complete
    assert 7 in {row.number for row in found.rows}


def test_the_budget_of_calls_ends_it_and_what_was_found_is_kept() -> None:
    rows = LISTS["numbers"]
    needed = search(rows)[0].calls
    found, play = search(rows, Narrowing(cap=CAP, pause=0, calls=needed - 1))
    assert not found.complete
    assert found.calls == len(play.words) == needed - 1
    assert CAP < len(found.rows) <= len(rows)
    assert search(rows, Narrowing(cap=CAP, pause=0, calls=needed))[0].complete


def test_the_budget_of_time_ends_it_and_there_is_a_pause_before_each_further_call() -> None:
    now, pauses = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    play = PlayList(LISTS["numbers"])
    limits = Narrowing(cap=CAP, pause=0.5, calls=1000, seconds=10)
    found = Search(play, None, WANTED, limits, clock=lambda: now[0], sleep=sleep).all()
    assert not found.complete
    assert len(play.words) == 1 + len(pauses) == 22
    assert set(pauses) == {0.5}


def test_a_search_that_is_told_not_to_go_on_gives_what_it_has_and_says_that_it_was_stopped() -> None:
    rows = numbered([f"{n:04d}" for n in range(500)])
    told: list[tuple[int, int]] = []

    def go_on(calls: int, found: int) -> bool:
        told.append((calls, found))
        return calls < 4

    play = PlayList(rows)
    found = Search(play, play.exact, WANTED, WITHOUT_PAUSE, go_on=go_on).all()
    assert (found.stopped, found.complete, found.calls) == (True, False, 4)
    assert told[0] == (1, CAP), "it is not asked before the first call"
    assert [calls for calls, _ in told] == [1, 2, 3, 4]
    assert len(play.words) == 4
    assert len(found.rows) == told[-1][1]


def test_what_fits_into_one_answer_asks_nobody_whether_to_go_on() -> None:
    found = Search(PlayList(numbered(["1", "2"])), None, WANTED, WITHOUT_PAUSE, go_on=one_answer).all()
    assert (found.stopped, found.complete, len(found.rows)) == (False, True, 2)


@pytest.mark.parametrize("error", [Unreachable("weg"), Declined("e-Boekhouden meldt E003.1", "E003.1")])
def test_trouble_halfway_keeps_what_was_found_but_is_not_complete(error: Exception) -> None:
    play = PlayList(LISTS["numbers"])

    def failing(word: str) -> Part[Row]:
        if len(play.words) == 5:
            raise error
        return play(word)

    found = Search(failing, None, WANTED, WITHOUT_PAUSE).all()
    assert not found.complete
    assert len(found.rows) > CAP


def test_a_limit_halfway_is_said_and_not_made_do_with() -> None:
    play = PlayList(LISTS["numbers"])

    def refusing(word: str) -> Part[Row]:
        if len(play.words) == 5:
            raise Declined("e-Boekhouden meldt E003.3", "E003.3", problem=Problem.DAY_LIMIT)
        return play(word)

    with pytest.raises(Declined):
        Search(refusing, None, WANTED, WITHOUT_PAUSE).all()


def test_one_answer_that_does_not_come_is_asked_once_more_and_leaves_nothing_unfinished() -> None:
    play, missed = PlayList(LISTS["numbers"]), list[str]()

    def hiccup(word: str) -> Part[Row]:
        if len(play.words) in (3, 7) and word not in missed:
            missed.append(word)
            raise Unreachable("verbinding verbroken")
        return play(word)

    found = Search(hiccup, None, WANTED, WITHOUT_PAUSE).all()
    assert len(missed) == 2
    assert found.complete
    assert len(found.rows) == len(LISTS["numbers"])
    assert found.calls == len(play.words) + 2


def test_a_row_that_cannot_be_read_counts_for_the_cap_and_leaves_the_list_unproved() -> None:
    rows = LISTS["numbers"]
    play = PlayList(rows)

    def without_one(word: str) -> Part[Row]:
        part = play(word)
        lost = [row for row in part.rows if row.number == 7]
        return Part(
            tuple(row for row in part.rows if row.number != 7), tuple(OddRow(row.code, Odd.UNREADABLE) for row in lost)
        )

    found = Search(without_one, None, WANTED, WITHOUT_PAUSE).all()
    assert len(found.rows) == len(rows) - 1, "the first answer, with a row less, was still a capped one"
    assert not found.complete
    assert found.odd == (OddRow(next(row.code for row in rows if row.number == 7), Odd.UNREADABLE),)


def test_trouble_at_once_and_refused_credentials_are_raised() -> None:
    def refusing(word: str) -> Part[Row]:
        if word:
            raise CredentialsRefused("e-Boekhouden meldt E001.1", "E001.1")
        return Part(tuple(LISTS["numbers"][:CAP]))

    with pytest.raises(CredentialsRefused):
        Search(refusing, None, WANTED, WITHOUT_PAUSE).all()

    def gone(word: str) -> Part[Row]:
        raise Unreachable("weg")

    with pytest.raises(Unreachable):
        Search(gone, None, WANTED, WITHOUT_PAUSE).all()


def test_twenty_five_thousand_relations_come_whole_in_a_hundred_calls(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, times=Times(2, 20, 20, 60), narrowing=Narrowing(pause=0))
    there = {row["Code"] for row in books.sandbox.relations("demo")} | {f"G{n:06d}" for n in range(1, 25_001)}
    assert books.sandbox.relations("demo", {"generate": 25_000}) == {"relations": len(there)}
    begin = time.monotonic()
    found = gateway.relations(books.credentials)
    print(f"{len(found.rows)} relations in {found.calls} calls and {time.monotonic() - begin:.1f} s")
    assert found.complete
    assert {row.code for row in found.rows} == there
    assert len(found.rows) == len(there) > 25_000
    assert found.calls == books.calls().count("GetRelaties") <= 100


def test_one_call_more_than_the_cap_is_searched_for_in_the_sandbox(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, times=Times(2, 20, 20, 60), narrowing=Narrowing(pause=0))
    there = len(books.sandbox.relations("demo"))
    books.sandbox.relations("demo", {"generate": 1999 - there})
    found = gateway.relations(books.credentials)
    assert (len(found.rows), found.complete, found.calls) == (1999, True, 1)
    books.sandbox.relations("demo", {"add": [{"Code": f"X{n}", "Bedrijf": "Nog een"} for n in range(10)]})
    found = gateway.relations(books.credentials)
    assert (len(found.rows), found.complete) == (2009, True)
    assert found.calls > 1


def articles_of(amount: int) -> Callable[[Connection], None]:
    """GetArtikelen of a stock of screws in all sizes, by what ArtikelOmschrijving asks."""
    names = [f"{kind} {n // 40} x {n % 40} mm" for n in range(amount // 3) for kind in ("Schroef", "Bout", "Moer")]

    def answer(connection: Connection) -> None:
        asked = re.search(r"ArtikelOmschrijving>([^<]*)<", connection.server.requests[-1].body)
        word = asked[1].lower() if asked else ""
        rows = [
            f"<cArtikel><ArtikelID>{n}</ArtikelID><ArtikelOmschrijving>{name}</ArtikelOmschrijving>"
            f"<ArtikelCode>A{n}</ArtikelCode><VerkoopprijsExclBTW>1.5</VerkoopprijsExclBTW></cArtikel>"
            for n, name in enumerate(names, 1)
            if word in name.lower()
        ]
        connection.send(http(answer_of("GetArtikelen", f"<Artikelen>{''.join(rows[:2000])}</Artikelen>")))

    return answer


def test_more_articles_than_the_cap_are_searched_for_by_their_description(
    connect: Connect, credentials: Credentials
) -> None:
    with raw_server(by_the_book(GetArtikelen=articles_of(6000))) as server:
        gateway = connect(server.url, times=Times(2, 20, 20, 60), narrowing=Narrowing(pause=0))
        found = gateway.articles(credentials)
    assert found.complete
    assert len({row.remote_id for row in found.rows}) == len(found.rows) == 6000
    assert found.calls < 120

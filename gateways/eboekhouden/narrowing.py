"""Getting a long list in parts: their answers stop at 2,000 rows without a word, and there are no pages.

A capped answer is split by longer search words until every answer is under the cap. Nobody can prove that this
finds all there is, for what was never shown may be of another kind. So it is called complete only when every row
that a capped answer showed came back in one under the cap, and when words picked at random show nothing new.
"""

from __future__ import annotations

import logging
import random
import string
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic, TypeVar

from domain.message import NOTHING, Message
from domain.outcome import LIMITS
from gateways.bookkeeping import BookkeepingError, CredentialsRefused, GoOn, OddRow, Unreachable, to_the_end
from gateways.eboekhouden import limits

_LOG = logging.getLogger(__name__)
_LONGEST_WORD = 20
_LARGE_SHARE = 0.02  # of the rows an answer showed
_RARE, _CHEAP = 0.9, 0.1  # of a full answer
_JOINTS = "-.@/"
_FEW = 3  # different characters

R = TypeVar("R")


@dataclass(frozen=True)
class Narrowing:
    """How far to go: calls and seconds in total, seconds of pause between calls, words picked at random at the end
    (again and again until they show nothing new), and where their answers stop."""

    calls: int = 200
    seconds: float = 120.0
    pause: float = 0.1
    checks: int = 30
    cap: int = limits.ALL.rows


@dataclass(frozen=True)
class Wanted(Generic[R]):
    """How to read a row: its id, and the texts a search word looks in, the one that every row has first."""

    number: Callable[[R], int]
    texts: Callable[[R], Iterable[str]]


@dataclass(frozen=True)
class Part(Generic[R]):
    """One answer: its rows that could be read, and the odd ones, of which the lost are not among the rows."""

    rows: tuple[R, ...]
    odd: tuple[OddRow, ...] = ()

    @property
    def size(self) -> int:
        """How many rows there were in the answer."""
        return len(self.rows) + sum(one.lost for one in self.odd)


@dataclass(frozen=True)
class Found(Generic[R]):
    """The rows, each once, in order of id; `calls` is how many answers that took, and `stopped` tells that whoever
    asked for them did not want to go on. `odd` as in a part, each once. `why`: what kept the search from going on."""

    rows: tuple[R, ...]
    complete: bool
    calls: int
    stopped: bool = False
    odd: tuple[OddRow, ...] = ()
    why: Message = NOTHING


class _Enough(Exception):
    """The budget is spent, they stopped answering, or `go_on` said no; caught by `Search.all`."""


class Search(Generic[R]):
    """One search for everything. `ask` gives the rows that hold a word anywhere (an empty word: all), or raises;
    `exact` those whose first text is the word. `go_on` is asked before each call but the first, with the calls made
    and the rows known by then; a no ends the search with what it has. `seen` is where the rows are kept by number, for
    who reads the answers: one that stands there need not be read again."""

    def __init__(
        self,
        ask: Callable[[str], Part[R]],
        exact: Callable[[str], Part[R]] | None,
        wanted: Wanted[R],
        budget: Narrowing,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        go_on: GoOn = to_the_end,
        seen: dict[int, R] | None = None,
    ) -> None:
        self._ask = ask
        self._exact = exact
        self._wanted = wanted
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._go_on = go_on
        self._stopped = False
        self._why = NOTHING
        self._end = clock() + budget.seconds
        self._calls = 1
        self._asked = {""}
        self._cut: set[str] = {""}  # words whose answer was capped
        self._dice = random.Random(0)  # noqa: S311 - the same words every time
        self._seen: dict[int, R] = {} if seen is None else seen
        self._texts: dict[int, str] = {}  # of what came in answers under the cap
        self._odd: dict[OddRow, None] = {}

    def all(self) -> Found[R]:
        """Everything, as far as they give it. Raises what the first `ask` raises, and CredentialsRefused."""
        first = self._ask("")
        if self._keep(first):
            return self._result(True)
        try:
            self._split("", first.rows)
            self._fetch_the_rest()
            while surprises := self._check():
                for row in surprises:
                    self._open_up(row)
                self._fetch_the_rest()
        except _Enough as enough:
            _LOG.info("searching for the rest of a long list stopped: %s", enough)
            return replace(self._result(False), why=self._why)
        return self._result(self._seen.keys() == self._texts.keys())

    def _result(self, complete: bool) -> Found[R]:
        rows = tuple(self._seen[number] for number in sorted(self._seen))
        lost = any(one.lost for one in self._odd)  # nobody knows which of ours that is
        return Found(rows, complete and not lost, self._calls, self._stopped, tuple(self._odd))

    def _split(self, word: str, rows: Sequence[R]) -> None:
        """Ask for longer words in place of one whose answer was capped, by what stands beside it in most rows.

        What the answer did not show may have another character there, so all ten digits go for one. Letters that
        were not shown come last, where few rows hold them: an answer under the cap is a proof, one that is cut off
        shows nothing new. Rows of a rare kind are left to _fetch_the_rest.
        """
        if len(word) >= _LONGEST_WORD:
            return
        if word and self._exact is not None:
            self._keep(self._answer(self._exact, word))  # no longer word finds the one that ends here
        groups: dict[tuple[bool, str, str], Counter[str]] = {}
        for row in rows:
            after, space, character = _beside(word, self._text(row))
            groups.setdefault((after, space, _kind(character)), Counter())[character] += 1
        others = []
        for (after, space, kind), group in sorted(groups.items(), key=lambda item: -item[1].total()):
            if not kind or group.total() < _LARGE_SHARE * len(rows):
                continue
            shown = [character for character, _ in group.most_common()]
            hidden = [character for character in kind if character not in group]
            if kind == string.digits:
                shown, hidden = shown + hidden, []
            elif word[-1:].isdigit():
                hidden += string.digits  # a number may go on
            words = [word + space + c if after else c + space + word for c in (*shown, *hidden)]
            for longer in words[: len(shown)]:
                self._look(longer)
            if not word or len(group) > _FEW or word[-1:].isdigit():
                others += [
                    longer.replace(" ", "") if longer[-1:].isdigit() else longer for longer in words[len(shown) :]
                ]
        for longer in others:
            if self._rare(longer, _RARE):
                self._look(longer)

    def _fetch_the_rest(self) -> None:
        """Rows that a capped answer showed and none under the cap."""
        for number in [number for number in self._seen if number not in self._texts]:
            if number not in self._texts:
                self._follow(self._seen[number])

    def _follow(self, row: R) -> None:
        """Find the likes of a row of a rare kind: by the beginning of its first text, once few others hold that."""
        first = self._text(row).partition("\n")[0]
        for length in range(1, len(first) + 1):
            word = first[:length]
            if word in self._asked and word not in self._cut:
                return
            if word not in self._asked and (self._rare(word, _CHEAP) or length == len(first)):
                for character in (first[length - 1], *(string.digits if word[-1].isdigit() else "")):
                    if self._rare(word[:-1] + character, _CHEAP):
                        self._look(word[:-1] + character)

    def _check(self) -> list[R]:
        """What was new in the answers to a number of random words that few known rows hold."""
        new: list[R] = []
        for _ in range(self._budget.checks):
            word = self._random_word()
            if word:
                known = set(self._texts)
                new += [row for row in self._look(word) if self._wanted.number(row) not in known]
        return new

    def _random_word(self) -> str:
        """Some digits or a piece of a known row: three characters, or more where many known rows hold those."""
        digits = f"{self._dice.randrange(10**_LONGEST_WORD):0{_LONGEST_WORD}d}"
        texts = [*self._texts.values()] if self._dice.random() < 0.5 else []
        text = self._dice.choice(texts) if texts else digits
        start = self._dice.randrange(max(len(text) - 2, 1))
        for length in range(3, 7):
            word = text[start : start + length]
            if not word.isalnum():
                break
            if word not in self._asked and self._rare(word, _CHEAP):
                return word
        return ""

    def _open_up(self, row: R) -> None:
        """A kind of row that no capped answer had shown: ask for all that may begin like it."""
        first = self._text(row).partition("\n")[0]
        for length in range(min(len(first), _LONGEST_WORD)):
            if first[:length] not in self._cut:
                return
            kind = _kind(first[length])
            # a single letter stands in nearly every name
            for character in kind if length or kind == string.digits else first[0]:
                self._look(first[:length] + character)

    def _look(self, word: str) -> Sequence[R]:
        """The answer for a word, unless it was asked before; a capped one is split."""
        if word in self._asked:
            return ()
        self._asked.add(word)
        answer = self._answer(self._ask, word)
        if not self._keep(answer):
            self._cut.add(word)
            self._split(word, answer.rows)
        return answer.rows

    def _answer(self, ask: Callable[[str], Part[R]], word: str) -> Part[R]:
        """The answer for a word. Reading twice harms nobody, and a line that they closed between two calls is no reason
        to leave a list of a hundred calls unfinished: what cannot be reached is asked once more."""
        try:
            return self._call(ask, word)
        except Unreachable:
            pass
        try:
            return self._call(ask, word)
        except Unreachable as error:
            raise _Enough(error.why) from None

    def _call(self, ask: Callable[[str], Part[R]], word: str) -> Part[R]:
        if self._calls >= self._budget.calls or self._clock() > self._end:
            raise _Enough(f"{self._calls} calls")
        if not self._go_on(self._calls, len(self._seen)):
            self._stopped = True
            raise _Enough("told not to go on")
        self._sleep(self._budget.pause)
        self._calls += 1
        try:
            return ask(word)
        except (CredentialsRefused, Unreachable):
            raise
        except BookkeepingError as error:
            if error.problem in LIMITS:
                raise  # nothing is taken any more, and who asked has to know
            self._why = error.why
            raise _Enough(error.why) from None

    def _keep(self, part: Part[R]) -> bool:
        """Remember the rows of an answer; whether it was under the cap."""
        whole = part.size < self._budget.cap
        self._odd |= dict.fromkeys(part.odd)
        for row in part.rows:
            number = self._wanted.number(row)
            self._seen[number] = row
            if whole and number not in self._texts:
                self._texts[number] = self._text(row)
        return whole

    def _text(self, row: R) -> str:
        # no search word holds a line break, so none is found across two texts
        return "\n".join(self._wanted.texts(row)).lower()

    def _rare(self, word: str, share: float) -> bool:
        """Whether an answer for this word will probably be under this share of a full one, by what is known so far."""
        most = int(self._budget.cap * share)
        holders = islice((True for text in self._texts.values() if word in text), most)
        return sum(holders) < most


def _kind(character: str) -> str:
    """The characters it is one of: digits, letters, or itself alone."""
    if character and character in string.digits:
        return string.digits
    return string.ascii_lowercase if character.isalpha() else character


def _beside(word: str, text: str) -> tuple[bool, str, str]:
    """What stands beside a word in a row: (whether it comes after, a space between or none, the character).

    Preferably a digit or letter after it, as early as can be; no character when there is none.
    """
    best, found = 0, (True, "", "")
    place = text.find(word)
    while place >= 0 and best < 4:
        end = place + len(word)
        after, further = text[end : end + 1], text[end + 1 : end + 2]
        before, earlier = text[place - 1 : place], text[max(place - 2, 0) : max(place - 1, 0)]
        ways = [
            (4, after.isalnum(), (True, "", after)),
            (3, bool(word) and after == " " and further.isalnum(), (True, " ", further)),
            (2, before.isalnum(), (False, "", before)),
            (2, before == " " and earlier.isalnum(), (False, " ", earlier)),
            (1, bool(after and after in _JOINTS), (True, "", after)),
        ]
        for worth, there, way in ways:
            if there and worth > best:
                best, found = worth, way
        place = text.find(word, place + 1)
    return found

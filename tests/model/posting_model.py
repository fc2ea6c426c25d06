"""The posting protocol as a small world in which everything that can happen does happen, in every order.

Two pressers, one recoverer, one order, one bookkeeping that loses answers and acts late. Processes may freeze for any
length of time between two steps and die at any step, any number of times. The decisions are not modelled: they are the
functions of domain/posting.py and domain/outcome.py that the services call.

Time is a discrete clock, kept relative to now and cut off where nothing more can change, so that the world is finite.
Bounds are rounded against the protocol: what may be late is rounded up, what waits is rounded down.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import inf

from domain import posting as states
from domain.outcome import Observed, Outcome, Problem, classify
from tests.model.vanishing import Vanishing
from tests.model.world import FOREIGN, IDLE, NOW, Message, Process, Row, State, Step, World, in_order, placed


class Model(Vanishing):
    """The rules of the world: `start`, `steps` out of a state, and what is `wrong` with a state."""

    def __init__(self, world: World) -> None:
        tick = world.tick
        self.world = world
        self.guard = inf if world.start_within is None else -(-world.start_within // tick)
        self.deadline = inf if world.deadline is None else -(-world.deadline // tick)
        self.life = inf if world.late is None else self.deadline + -(-world.late // tick)
        self.leaps = None if world.leap is None else -(-world.leap // tick)
        self.lease, quiet = world.lease // tick, world.quiet // tick
        self.gone = -(quiet + 1)  # from here on a lease only ran out long ago
        self.far = 2 * self.lease + 1  # from here on a lease is further ahead than one can be, however far
        self.at = {ticks: NOW + timedelta(seconds=ticks * tick) for ticks in range(self.gone, self.far + 1)}
        self.quiet_window = timedelta(seconds=quiet * tick)
        self.oldest_intent, self.oldest_call = (0 if most == inf else most + 1 for most in (self.guard, self.deadline))
        self.leased = states.NEEDS_LOOK_UP | ({states.POSTED, states.GONE} if world.vanish else set())
        self._settled: dict[State, str] = {}
        self._outcomes: dict[tuple[str, int], Outcome] = {}

    def start(self) -> State:
        """Nothing happened yet."""
        books = tuple((number, FOREIGN) for number in range(1, self.world.in_a_row * self.world.foreign + 1))
        return (None, (IDLE, IDLE, IDLE), (), books, 0, 0)

    # -- what can happen ---------------------------------------------------------------------------------

    def steps(self, state: State) -> Iterator[Step]:
        """Everything that can happen next."""
        row, processes, orphans, _, _, _ = state
        for who, process in enumerate(processes):
            name = "recovery" if who == 2 else "a presser"
            for label, after in getattr(self, f"_{process[0]}")(state, who, process):
                yield f"{name} {label}", after
            if process is not IDLE:
                left = self._orphaned(orphans, process) if process[0] == "calling" else orphans
                yield f"{name} dies while {process[0]}", placed(state, who, IDLE, orphans=left)
        for message in dict.fromkeys(orphans):
            rest = list(orphans)
            rest.remove(message)
            books, _ = self._act(state, message[0], message[1])
            yield "the bookkeeping acts, late", (row, processes, tuple(rest), books, *state[4:])
        if self.world.vanish:
            yield from self._their_books(state)
        if self.world.giving_up and row is not None and row[0] in states.MAY_SEND_AGAIN:
            kept = states.number_after_giving_up(row[0], row[4]) == states.FREE
            yield "somebody gives up", ((states.ABANDONED, self.gone, row[2], row[3], kept), *state[1:])
        yield from self._time(state)

    def _time(self, state: State) -> Iterator[Step]:
        row, processes, orphans, books, leaps, last = state
        waits = row is not None and row[0] in self.leased and row[1] > self.gone
        if waits and (self.leaps is None or leaps < self.leaps):
            used = 0 if self.leaps is None else leaps + 1
            yield "the clock leaps", (self._older(row), processes, orphans, books, used, last)
        if self.world.back and row is not None and row[0] in self.leased:
            for ahead in range(row[1] + 1, self.far + 1):
                yield "the clock is set back", ((row[0], ahead, *row[2:]), *state[1:])
        later = tuple((n, v, life - 1) for n, v, life in orphans if life > 0)
        after = (self._older(row) if waits else row, tuple(map(self._aged, processes)), later, books, leaps, last)
        if after != state:
            yield "time passes", after

    def _aged(self, process: Process) -> Process:
        if process[0] == "intent":
            return (*process[:4], min(process[4] + 1, self.oldest_intent))
        if process[0] == "calling":
            _, mine, number, version, age, life = process
            if life <= 0:  # too late for the bookkeeping to act: it never will
                return ("settling", mine, number, version, "uncertain")
            return ("calling", mine, number, version, min(age + 1, self.oldest_call), life - 1)
        return process

    # -- the steps of a process, by what it is doing -----------------------------------------------------

    def _idle(self, state: State, who: int, process: Process) -> Iterator[Step]:
        if who == 2:
            yield from self._check(state, who)
            yield from self._read_back(state, who)
        else:
            yield from self._press(state, who)
            yield from self._send_gone(state, who)
            if self.world.all_check:
                yield from self._check(state, who)
            if self.world.asked:
                yield from self._ask(state, who)

    def _press(self, state: State, who: int) -> Iterator[Step]:
        """Transaction 1 of services.invoicing: reserve the number, freeze the content, write the intent."""
        for number, version in self._sendable(state):
            yield f"presses: number {number}, content {version}", self._begin(state, who, number, version)

    def _sendable(self, state: State) -> Iterator[tuple[int, int]]:
        row, last = state[0], state[5]
        live = None if row is None or row[0] == states.ABANDONED else row[0]
        if not states.may_send(live):
            return
        if row is None:
            yield last + 1, 1
            return
        for number in self._numbers(row, live, last):
            for version in range(row[3], self.world.contents + 1):
                yield number, version

    def _numbers(self, row: Row, live: str | None, last: int) -> Iterator[int]:
        """services.invoicing.renumbering.for_sending_again: with a new year in between, or without."""
        if not live:  # an abandoned posting kept the number when it is free
            found = {row[2] if row[4] else last + 1}
        else:
            years = {True, not self.world.new_year}
            found = {row[2] if states.keeps_number(live, row[4], same) else last + 1 for same in years}
        yield from (number for number in sorted(found) if number <= self.world.most_numbers)

    def _begin(self, state: State, who: int, number: int, version: int, uncertain: bool | None = None) -> State:
        """services.invoicing.posting.begin: a new lease, so whoever held the last one holds nothing any more."""
        row, processes, orphans, books, _, last = state
        if uncertain is None:
            uncertain = row is not None and row[0] != states.ABANDONED and row[4]
        others = [one if len(one) == 1 else (one[0], False, *one[2:]) for one in processes]
        others[who] = ("intent", True, number, version, 0)
        fresh = (states.SENDING, self.lease, number, version, uncertain)
        return (fresh, in_order(others), orphans, books, 0, max(last, number))

    def _intent(self, state: State, who: int, process: Process) -> Iterator[Step]:
        _, mine, number, version, age = process
        if states.may_start(age, self.guard):
            yield "sends", placed(state, who, ("calling", mine, number, version, 0, self.life))
        yield "does not get through", placed(state, who, ("settling", mine, number, version, "not_sent"))

    def _calling(self, state: State, who: int, process: Process) -> Iterator[Step]:
        _, mine, number, version, age, _ = process
        unheard = ("settling", mine, number, version, "uncertain")
        books, answer = self._act(state, number, version)
        acted = (*state[:3], books, *state[4:])
        yield "gets no answer; the bookkeeping acted", placed(acted, who, unheard)
        yield "gets no answer", placed(state, who, unheard, orphans=self._orphaned(state[2], process))
        if age <= self.deadline:
            heard = ("taken", mine, number, version) if answer == Problem.NUMBER_TAKEN else (*unheard[:4], "posted")
            yield f"hears {answer}", placed(acted, who, heard)
            yield "hears a refusal", placed(state, who, (*unheard[:4], "refused"))

    def _settling(self, state: State, who: int, process: Process) -> Iterator[Step]:
        """Transaction 2: services.invoicing.posting.settle."""
        _, mine, number, version, key = process
        row = state[0]
        outcome = self._outcome(key, number)
        if row is not None and states.may_settle(outcome, row[0], mine, row[2:4] == (number, version)):
            state = (self._settle(row, states.state_after(outcome)), *state[1:])
        yield f"writes {key}", placed(state, who, IDLE)

    def _taken(self, state: State, who: int, process: Process) -> Iterator[Step]:
        _, mine, number, version = process
        for found, equal in self._found(state, number, version):
            # an invoice of ours that says something else names this very order: there is only one
            ours = found and (equal or any(one == number and kept > FOREIGN for one, kept in state[3]))
            yield (
                "looks the taken number up",
                placed(state, who, ("concluding", mine, number, version, True, found, equal, ours)),
            )
        yield "cannot look it up", placed(state, who, ("concluding", mine, number, version, False, False, False, False))

    def _concluding(self, state: State, who: int, process: Process) -> Iterator[Step]:
        """services.invoicing.posting._number_taken, after the look-up."""
        _, mine, _, version, answered, found, equal, ours = process
        row = state[0]
        if row is None or row[0] != states.SENDING or not mine:
            yield "finds it settled by another", placed(state, who, IDLE)
            return
        following = states.after_number_taken(found if answered else None, equal, row[4], this_order=ours)
        if following != states.SENDING:
            yield f"writes {following}", placed((self._settle(row, following), *state[1:]), who, IDLE)
        else:
            for number in sorted({state[5] + 1, self._after_those_in_use(state)}):
                label = "takes the next number" if number == state[5] + 1 else "passes over"
                if number <= self.world.most_numbers:
                    yield f"{label}: {number}", self._begin(state, who, number, version)

    def _after_those_in_use(self, state: State) -> int:
        """services.invoicing.in_use: the next number that the list, when it comes, does not show to be used."""
        number, used = state[5] + 1, {one for one, kept in state[3] if kept >= FOREIGN}
        while self.world.listed and number in used:
            number += 1
        return number

    def _check(self, state: State, who: int) -> Iterator[Step]:
        """The beginning of services.invoicing.recovery.check."""
        row = state[0]
        if row is not None and states.wants_look_up(row[0], self.at[row[1]], NOW):
            after_window = states.window_is_over(states.lease_counted(self.at[row[1]], NOW), self.quiet_window, NOW)
            yield "reads the posting", placed(state, who, ("reading", True, row[2], row[3], after_window))

    def _ask(self, state: State, who: int) -> Iterator[Step]:
        """The same for a person who does not wait for the lease."""
        row = state[0]
        if row is not None and row[0] == states.SENDING and not states.wants_look_up(row[0], self.at[row[1]], NOW):
            yield "asks at once", placed(state, who, ("asking", True, row[2], row[3]))

    def _asking(self, state: State, who: int, process: Process) -> Iterator[Step]:
        """Nothing but our invoice decides while somebody is at it."""
        _, mine, number, version = process
        for found, equal in self._found(state, number, version):
            if states.counts_at_once(found, equal):
                yield "finds it", placed(state, who, ("looked_up", mine, number, version, states.POSTED))
            else:
                yield "leaves it", placed(state, who, IDLE)

    def _reading(self, state: State, who: int, process: Process) -> Iterator[Step]:
        _, mine, number, version, after_window = process
        for found, equal in self._found(state, number, version):
            following = states.after_look_up(found, equal, after_window)
            hit = "finds it" if found else "does not find it"
            yield f"{hit}", placed(state, who, ("looked_up", mine, number, version, following))
        yield "cannot look it up", placed(state, who, ("looked_up", mine, number, version, states.UNCERTAIN))

    def _looked_up(self, state: State, who: int, process: Process) -> Iterator[Step]:
        """The end of services.invoicing.recovery.check, in its transaction."""
        _, mine, number, version, following = process
        row = state[0]
        if row is None or not states.may_conclude(row[0], mine):
            yield "finds it settled by another", placed(state, who, IDLE)
        elif following == states.SENDING:
            yield "sends the same again", self._begin(state, who, number, version, uncertain=True)
        else:
            put = self._settle(row, following)
            if following == states.UNCERTAIN:
                yield f"writes {following}", placed(self._counted(((*put[:4], True), *state[1:])), who, IDLE)
            else:
                yield f"writes {following}", placed((put, *state[1:]), who, IDLE)

    # -- the other side ----------------------------------------------------------------------------------

    def _act(self, state: State, number: int, version: int) -> tuple[tuple[tuple[int, int], ...], str]:
        """AddFactuur carried out: the books afterwards, and the answer."""
        books = state[3]
        if self.world.used_numbers == "refuse" and any(one == number and kept >= FOREIGN for one, kept in books):
            return books, Problem.NUMBER_TAKEN
        return tuple(sorted((*books, (number, version)))), "posted"

    def _found(self, state: State, number: int, version: int) -> set[tuple[bool, bool]]:
        """What a look-up may say: found, equal. With several under one number it may show any of them."""
        there = {(True, kept == version) for one, kept in state[3] if one == number and kept >= FOREIGN}
        return there or {(False, False)}

    def _orphaned(self, orphans: tuple[Message, ...], process: Process) -> tuple[Message, ...]:
        """The call's message goes on alone. Without a bound on its life two of a kind are no more than one."""
        message = (process[2], process[3], process[5])
        if self.life == inf and message in orphans and self.world.used_numbers == "refuse":
            return orphans
        return tuple(sorted((*orphans, message)))

    # -- small parts -------------------------------------------------------------------------------------

    def _settle(self, row: Row, state: str) -> Row:
        """services.invoicing.posting.conclude. A settled posting's lease decides nothing any more, unless it is read
        back: who looks for it later waits for the window, too."""
        lease = row[1] if state in self.leased else self.gone
        return (state, lease, row[2], row[3], states.remembers_uncertain(row[4], state))

    def _outcome(self, key: str, number: int) -> Outcome:
        if (key, number) not in self._outcomes:
            observed = {
                "posted": Observed(left=True, answered=True, number=str(number)),
                "refused": Observed(left=True, answered=True, problem=Problem.OTHER),
                "uncertain": Observed(left=True),
                "not_sent": Observed(left=False),
            }[key]
            self._outcomes[key, number] = classify(observed, str(number))
        return self._outcomes[key, number]

    # -- what must hold ----------------------------------------------------------------------------------

    def wrong(self, state: State) -> str:
        """What is wrong with a state, or an empty text."""
        row, _, _, books, _, _ = state
        ours = [one for one in books if one[1] > FOREIGN]
        if len(ours) > 1:
            return "DOUBLED: two invoices for one order"
        if row is None:
            return "LOST: an invoice that we know nothing of" if ours else ""
        if row[0] == states.POSTED and not {(row[2], row[3]), (row[2], -row[3])} & set(books):
            return "LOST: posted here, but the books do not hold it"
        if self.world.late is not None and row[0] in {states.REFUSED, states.NOT_SENT, states.ABANDONED} and ours:
            return f"HIDDEN: {row[0]} here, but the books hold it"
        return self._wrong_in_the_end(state) if self.world.settles else ""

    def _wrong_in_the_end(self, state: State) -> str:
        """Every process dies now, the bookkeeping does or does not act on what is under way, recovery runs on."""
        row, processes, orphans, books, _, last = state
        for process in processes:
            if process[0] == "calling":
                orphans = self._orphaned(orphans, process)
        quiet = (row, (IDLE, IDLE, IDLE), orphans, books, 0, last)
        if quiet not in self._settled:
            acted = quiet
            for number, version, _ in orphans:
                acted = (*quiet[:3], self._act(acted, number, version)[0], *quiet[4:])
            self._settled[quiet] = self._undisturbed(quiet) or self._undisturbed(acted)
        return self._settled[quiet]

    def _undisturbed(self, state: State) -> str:
        """Recovery settles it when nothing disturbs: patience and a bookkeeping that answers are enough."""
        state = (*state[:2], (), *state[3:])
        for _ in range(12):  # look up, send again, look up a number that is taken: with room to spare
            row = state[0]
            if row is not None and state[1][2] is IDLE and row[1] != self.far:
                state = ((row[0], self.gone, *row[2:]), *state[1:])
            state = next(self._calm(state), state)
        row = state[0]
        ours = [one for one in state[3] if one[1] > FOREIGN]
        if row is not None and row[0] in states.NEEDS_LOOK_UP:
            return f"STUCK: recovery leaves it {row[0]}"
        if len(ours) > 1:
            return "DOUBLED in the end: recovery makes a second invoice"
        if row is not None and row[0] == states.POSTED and ours != [(row[2], row[3])]:
            return "LOST: settled as posted, but the books do not hold it"
        return ""

    def _calm(self, state: State) -> Iterator[State]:
        """Recovery's next step when everything goes well."""
        process = state[1][2]
        bad = ("cannot", "does not get through", "gets no answer", "hears a refusal")
        for label, after in getattr(self, f"_{process[0]}")(state, 2, process):
            if not label.startswith(bad):
                yield after

    def _older(self, row: Row | None) -> Row | None:
        """A tick later. What lies absurdly far ahead stays there."""
        if row is None or row[1] == self.far:
            return row
        return (row[0], max(row[1] - 1, self.gone), *row[2:])

    def _counted(self, state: State) -> State:
        """services.invoicing.recovery writes down from when the window counts; with another lease nobody holds it."""
        row, processes, *rest = state
        counted = None if row is None else states.lease_counted(self.at[row[1]], NOW)
        if row is None or counted == self.at[row[1]]:
            return state
        left = [one if len(one) == 1 else (one[0], False, *one[2:]) for one in processes]
        return ((row[0], 0, *row[2:]), in_order(left), *rest)

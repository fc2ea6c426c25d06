"""The control API: what a tester sees and turns, as JSON over loopback."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sandbox import books, invoices, mutations, usage
from sandbox.answer import Answer, json_answer, problem
from sandbox.control_articles import change_articles
from sandbox.control_by_hand import DEEDS
from sandbox.control_relations import change_relations
from sandbox.masking import masked
from sandbox.misbehaviour import LATE_ACTS
from sandbox.seed import reset
from sandbox.service import Service
from sandbox.wishes import WrongWish


class Control:
    """Answers everything under /control/."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._store = service.store
        self._routes: dict[tuple[str, str], Callable[[str, Any], Answer]] = {
            ("GET", "switches"): self._switches,
            ("PUT", "switches"): self._turn_switches,
            ("GET", "mischief"): self._mischief,
            ("PUT", "mischief"): self._put_mischief,
            ("DELETE", "mischief"): self._clear_mischief,
            ("GET", "invoices"): self._invoices,
            ("GET", "mutations"): self._mutations,
            ("GET", "usage"): self._usage,
            ("PUT", "usage"): self._set_usage,
            ("PUT", "password"): self._change_password,
            ("GET", "calls"): self._calls,
            ("DELETE", "calls"): self._clear_calls,
            ("GET", "relations"): self._relations,
            ("PUT", "relations"): self._put_relations,
            ("PUT", "articles"): self._put_articles,
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """The answer to one request; a wrong one gets a 4xx that says what is wrong."""
        try:
            wish = json.loads(body) if body.strip() else None
        except ValueError:
            return problem(400, "the body is no JSON")
        words = [unquote(word) for word in path.removeprefix("/control/").strip("/").split("/")]
        try:
            return self._routed(method, words, wish)
        except LookupError as why:
            return problem(404, str(why.args[0]))
        except ValueError as why:
            return problem(400, str(why))

    def _routed(self, method: str, words: list[str], wish: Any) -> Answer:
        if words == ["health"] and method == "GET":
            return json_answer({"status": "ok"})
        if words == ["identity"] and method == "GET":
            return json_answer({"identity": self._service.identity})
        if words == ["administrations"] and method == "GET":
            return json_answer(self._administrations())
        if words == ["late"] and method == "POST":
            return json_answer({"acting": LATE_ACTS.now()})
        if words == ["reset"] and method == "POST":
            return self._reset(wish)
        if not self._exists(words[0]):
            return problem(404, f"there is no administration {words[0]!r}")
        route = self._routes.get((method, words[1])) if len(words) == 2 else None
        if route is not None:
            return route(words[0], wish)
        deed = DEEDS.get((method, *words[1:2], *words[3:])) if len(words) > 1 else None
        if deed is None or (len(words) == 2) is not deed.on_all:
            return problem(404, f"no {method} here")
        with self._store.reading() if method == "GET" else self._store.writing() as connection:
            administration = books.administration(connection, words[0])
            assert administration is not None
            return json_answer(deed.carry_out(connection, administration, *words[2:3], wish))

    def _exists(self, name: str) -> bool:
        with self._store.reading() as connection:
            return books.administration(connection, name) is not None

    def _administrations(self) -> list[dict[str, Any]]:
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT a.name, a.company, a.place, l.username, l.code1, a.code2 FROM administration a"
                " JOIN login l ON l.administration = a.name AND l.permitted"
                " WHERE l.username NOT IN (SELECT username FROM accountant) ORDER BY a.position"
            ).fetchall()
        return [dict(row) for row in rows]

    def _reset(self, wish: Any) -> Answer:
        if wish is not None and not isinstance(wish, dict):
            raise WrongWish("reset takes a JSON object or nothing")
        name = (wish or {}).get("administration")
        if name is not None and not (isinstance(name, str) and self._exists(name)):
            return problem(404, f"there is no administration {name!r}")
        self._service.mischief.clear(name)
        LATE_ACTS.forget()
        self._service.sessions.forget(name)
        self._service.today.forget(name)
        reset(self._store, name)
        return json_answer({"reset": name or "everything"})

    # -- one administration --------------------------------------------------------------------------

    def _switches(self, name: str, wish: Any) -> Answer:
        with self._store.reading() as connection:
            found = books.administration(connection, name)
        assert found is not None
        return json_answer(found.switches.as_dict())

    def _turn_switches(self, name: str, wish: Any) -> Answer:
        with self._store.writing() as connection:
            found = books.administration(connection, name)
            assert found is not None
            switches = found.switches.changed(wish)
            books.keep_switches(connection, name, switches)
        return json_answer(switches.as_dict())

    def _mischief(self, name: str, wish: Any) -> Answer:
        return json_answer(self._service.mischief.left(name))

    def _put_mischief(self, name: str, wish: Any) -> Answer:
        self._service.mischief.put(name, wish)
        return self._mischief(name, wish)

    def _clear_mischief(self, name: str, wish: Any) -> Answer:
        self._service.mischief.clear(name)
        return json_answer([])

    def _invoices(self, name: str, wish: Any) -> Answer:
        with self._store.reading() as connection:
            return json_answer(invoices.find(connection, name))

    def _mutations(self, name: str, wish: Any) -> Answer:
        with self._store.reading() as connection:
            return json_answer(masked(mutations.find(connection, name), most=None))

    def _usage(self, name: str, wish: Any) -> Answer:
        with self._store.reading() as connection:
            used = usage.calls(connection, name)
        today = {"today": self._service.today.calls(name), "limit_today": usage.PER_DAY}
        return json_answer({"month": usage.this_month(), "calls": used, "limit": usage.PER_MONTH} | today)

    def _set_usage(self, name: str, wish: Any) -> Answer:
        wanted = wish if isinstance(wish, dict) else {}
        numbers = list(wanted.values())
        if not wanted or set(wanted) - {"calls", "today"} or not all(_small_number(one) for one in numbers):
            raise WrongWish('{"calls": GetMutaties calls of this month, "today": calls of today}')
        if "calls" in wanted:
            with self._store.writing() as connection:
                usage.set_calls(connection, name, wanted["calls"])
        if "today" in wanted:
            self._service.today.set(name, wanted["today"])
        return self._usage(name, wish)

    def _change_password(self, name: str, wish: Any) -> Answer:
        """Their user has chosen another password: security code 1 is another one from now on."""
        code1 = secrets.token_hex(16)
        with self._store.writing() as connection:
            connection.execute("UPDATE login SET code1 = ? WHERE administration = ?", (code1, name))
        return json_answer({"code1": code1})

    def _calls(self, name: str, wish: Any) -> Answer:
        return json_answer(self._service.log.of(name))

    def _clear_calls(self, name: str, wish: Any) -> Answer:
        self._service.log.clear(name)
        return json_answer([])

    def _relations(self, name: str, wish: Any) -> Answer:
        with self._store.reading() as connection:
            return json_answer(books.relations(connection, name))

    def _put_relations(self, name: str, wish: Any) -> Answer:
        with self._store.writing() as connection:
            count = change_relations(connection, name, wish)
        return json_answer({"relations": count})

    def _put_articles(self, name: str, wish: Any) -> Answer:
        with self._store.writing() as connection:
            return json_answer({"articles": change_articles(connection, name, wish)})


def _small_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10 * usage.PER_DAY

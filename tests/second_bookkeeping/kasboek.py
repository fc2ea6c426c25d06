"""Kasboek, a tiny bookkeeping of its own kind: JSON over real HTTP, two rows a page, its own codes and rates.

Nothing in it looks like e-Boekhouden: a key in a header in place of sessions, no templates, VAT as a letter, accounts
as plus or minus, errors as words.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 2
MOST_LINES = 3
KEY = "sleutel-A/sleutel-B"
RATES = {"H": Decimal("0.21"), "L": Decimal("0.09"), "0": Decimal(0)}
Row = dict[str, Any]


class No(Exception):
    """An answer that is a no: an HTTP status and a word."""

    def __init__(self, status: int, word: str, said: str) -> None:
        super().__init__(word)
        self.status, self.word, self.said = status, word, said


@dataclass
class Kasboek:
    """The books. `paid` are the numbers of invoices that were, `swallow` is how many are written down but not answered;
    `closed`: no calls are taken."""

    url: str = ""
    customers: list[Row] = field(default_factory=list)
    goods: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    invoices: dict[str, Row] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    swallow: int = 0
    closed: bool = False
    key: str = KEY
    heard: list[str] = field(default_factory=list)

    def asked(self, verb: str, path: str, query: dict[str, str], body: Row) -> Any:
        """The answer to one request. Raises No."""
        if self.closed:
            raise No(429, "slow-down", "Te veel vragen vandaag")
        kind, _slash, name = path.strip("/").partition("/")
        if (verb, kind) == ("GET", "title"):
            return {"title": "Kasboek van Buur"}
        if verb == "GET" and kind in {"customers", "goods", "accounts"}:
            return self._page(getattr(self, kind), query)
        if (verb, kind) == ("POST", "customers"):
            if any(one["short"] == body["short"] for one in self.customers):
                raise No(409, "short-in-use", "Deze afkorting is al vergeven")
            self.customers.append(body | {"no": 100 + len(self.customers)})
            return self.customers[-1]
        if (verb, kind) == ("POST", "invoices"):
            return self._write_down(body)
        if (verb, kind) == ("GET", "owed"):
            return [one for one in self.invoices.values() if one["nr"] not in self.paid]
        if (verb, kind) == ("GET", "invoices"):
            if not name:
                first, last = query["first"], query.get("last", "9999")
                listed = [one for one in self.invoices.values() if first <= one["day"] <= last]
                return [one for one in listed if query.get("for", one["for"]) == one["for"]]
            if name not in self.invoices:
                raise No(404, "nothing-here", "")
            return self.invoices[name]
        raise No(404, "nothing-here", "")

    def _page(self, rows: list[Row], query: dict[str, str]) -> Row:
        if "short" in query:
            return {"rows": [row for row in rows if row["short"] == query["short"]], "more": False}
        begin = int(query.get("from", "0"))
        return {"rows": rows[begin : begin + PAGE], "more": begin + PAGE < len(rows)}

    def _write_down(self, body: Row) -> Row:
        if body["nr"] in self.invoices:
            raise No(409, "nr-in-use", "Dit nummer staat er al")
        if all(one["short"] != body["for"] for one in self.customers):
            raise No(422, "who-is-that", "Deze klant kennen we niet")
        if any(line["rate"] not in RATES for line in body["lines"]):
            raise No(422, "odd-rate", "Dat tarief kennen we niet")
        sums = [(Decimal(line["much"]) * Decimal(line["each"]), RATES[line["rate"]]) for line in body["lines"]]
        excl = sum((amount for amount, _ in sums), Decimal(0))
        vat = sum((amount * rate for amount, rate in sums), Decimal(0))
        self.invoices[body["nr"]] = body | {"excl": f"{excl:.2f}", "vat": f"{vat:.2f}"}
        return {"nr": body["nr"]}


@contextmanager
def running(books: Kasboek) -> Iterator[Kasboek]:
    """The books over HTTP on a free port; `books.url` is where."""

    class Desk(BaseHTTPRequestHandler):
        def _do(self, verb: str) -> None:
            parts = urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            books.heard.append(f"{verb} {parts.path}")
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            try:
                if self.headers.get("X-Key") != books.key:
                    raise No(401, "wrong-key", "Deze sleutel past niet")
                status, answer = 200, books.asked(verb, parts.path, query, body)
            except No as no:
                status, answer = no.status, {"word": no.word, "said": no.said}
            if (verb, parts.path, status) == ("POST", "/invoices", 200) and books.swallow:
                books.swallow -= 1
                self.close_connection = True
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._do("GET")

        def do_POST(self) -> None:
            self._do("POST")

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        books.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield books
        finally:
            server.shutdown()

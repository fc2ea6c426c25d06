"""A bookkeeping with very many relations and nothing else, over HTTP: quick, so that what is measured is who reads it.

python -m benchmarks.play_list RELATIONS prints its port. It writes the XML that the sandbox writes and searches as that
does: at most 2,000 relations an answer, by a word or a code. `GET /answers` tells how many lists it gave and how many
bytes all its relations are, each once; `GET /answers/3` gives the third list again, for who only reads.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

from sandbox.books import RELATION_FIELDS
from sandbox.seed_relations import TOWN_NAMES
from sandbox.soap_writing import result_answer
from sandbox.switches import Switches

CAP = 2000
_NUMBERS = ("ID", "Gb_ID", "GeenEmail", "NieuwsbriefgroepenCount")
_SEARCHED = ("Code", "Bedrijf", "Plaats", "Contactpersoon", "Email", "BP")


def record(n: int) -> dict[str, Any]:
    """An invented relation, of which about as much is filled in as people do."""
    empty = dict.fromkeys(RELATION_FIELDS, "") | dict.fromkeys(_NUMBERS, 0)
    return empty | {
        "ID": 1000 + n, "AddDatum": "2026-01-01", "LA": "0", "BP": "P" if n % 3 else "B", "Code": f"{100000 + n}",
        "Bedrijf": f"Proefrelatie {n}", "Contactpersoon": f"Contact {n % 700}", "Adres": f"Proefstraat {n % 400 + 1}",
        "Postcode": f"{1000 + n % 9000} XX", "Plaats": TOWN_NAMES[n % len(TOWN_NAMES)], "Land": "Nederland",
        "Telefoon": f"013 {n % 900000 + 100000}", "GSM": f"06 {n % 9000000 + 1000000}",
        "Email": f"relatie{n}@proef.example", "BTWNummer": f"NL{n:09d}B01", "IBAN": f"NL02TEST{n:010d}",
    }  # fmt: skip


class Books:
    """All of it in memory, each relation written once."""

    def __init__(self, relations: int) -> None:
        self._texts: list[str] = []
        self._codes: dict[str, int] = {}
        self._written: list[str] = []
        self.asked: list[tuple[str, str]] = []
        whole = _list([record(0)])
        self._head, _, self._tail = whole.partition(_relation(whole))
        for n in range(relations):
            one = record(n)
            self._codes[one["Code"]] = n
            self._texts.append("\n".join(str(one[name]) for name in _SEARCHED).lower())
            self._written.append(_relation(_list([one])))

    @property
    def size(self) -> int:
        """Bytes of all relations."""
        return sum(map(len, self._written))

    def list_(self, word: str, code: str) -> bytes:
        """The answer to one question."""
        if code:
            found = [self._written[self._codes[code]]] if code in self._codes else []
        else:
            both = zip(self._texts, self._written, strict=True)
            found = list(islice((written for text, written in both if word in text), CAP))
        return "".join((self._head, *found, self._tail)).encode()


def _list(records: list[dict[str, Any]]) -> str:
    return result_answer("GetRelaties", {"Relaties": records}, Switches()).body.decode()


def _relation(answer: str) -> str:
    found = re.search("<cRelatie>.*</cRelatie>", answer)
    assert found
    return found[0]


class Handler(BaseHTTPRequestHandler):
    """Knows just enough SOAP."""

    protocol_version = "HTTP/1.1"

    def __init__(self, books: Books, *given: Any) -> None:
        self._books = books
        super().__init__(*given)

    def do_POST(self) -> None:
        """A call."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        operation = self.headers["SOAPAction"].strip('"').rpartition("/")[2]
        if operation == "GetRelaties":
            asked = _value("Trefwoord", body).lower(), _value("Code", body)
            self._books.asked.append(asked)
            return self._answer(self._books.list_(*asked))
        values = {"SessionID": "{0}"} if operation == "OpenSession" else {}
        return self._answer(result_answer(operation, values, Switches()).body)

    def do_GET(self) -> None:
        """What was given."""
        number = self.path.rpartition("/")[2]
        if number.isdecimal():
            return self._answer(self._books.list_(*self._books.asked[int(number)]))
        return self._answer(json.dumps([len(self._books.asked), self._books.size]).encode())

    def log_message(self, *_given: Any) -> None:
        """Nothing."""

    def _answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _value(name: str, body: str) -> str:
    found = re.search(f"<(?:\\w+:)?{name}>([^<]*)</", body)
    return found[1] if found else ""


def main(relations: int) -> None:
    """Serve until killed."""
    handler: Callable[..., Handler] = partial(Handler, Books(relations))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""The first owner, in a program of its own because it has to be in the network of test_served.

`python -m tests.production.visitor <link> <authority>`: comes in by the one-time link, sets up the second step, links
the company to the play books, and asks for a list that they are slow with. Meanwhile forty others send half a request
to the portal itself and forty to nginx, and still both answer. Anything else ends it with what was seen.
"""

from __future__ import annotations

import re
import socket
import ssl
import sys
import threading
import time
from typing import Any

import pyotp
import requests

from tests.commands.visitor import Visitor
from tests.production.network import ADDRESS, PORTAL

SITE = f"https://{PORTAL}"
CONTROL = "http://127.0.0.1:8099/control"
PASSWORD = "een zin van vijf korte woorden"
HALVES = (
    b"GET /login HTTP/1.1\r\nHost: crafter.example\r\nX-More:",
    b"POST /login HTTP/1.1\r\nHost: crafter.example\r\nContent-Length: 1000\r\n\r\nemail=",
)


def come_in(visitor: Visitor, link: str) -> None:
    """A password, and the second step that production asks of an owner."""
    visitor.open(link)
    form = visitor.form(password="")
    form.fields["password"] = PASSWORD
    visitor.submit(form)
    visitor.submit(visitor.form("/begin"))
    secret = re.search(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", visitor.text())
    if secret is None:
        sys.exit(f"no secret to set up: {visitor.text()[:1500]}")
    form = visitor.form(code="")
    form.fields["code"] = pyotp.TOTP(secret[0].replace(" ", "")).now()
    visitor.submit(form)


def link_up(visitor: Visitor, codes: dict[str, str]) -> None:
    """The link with e-Boekhouden switched on and started."""
    visitor.open("/t/jansen/settings/features")
    form = visitor.form("/features")
    form.fields["bookkeeping"] = "y"
    visitor.submit(form)
    visitor.open("/t/jansen/settings/e-boekhouden")
    form = visitor.form("/settings/e-boekhouden")
    for name in ("username", "code1", "code2"):
        form.fields[name] = codes[name]
    form.action = "/t/jansen/settings/e-boekhouden/start"
    visitor.submit(form)


def calls(operation: str) -> list[dict[str, object]]:
    """The calls of a kind that came in over there."""
    return [call for call in requests.get(f"{CONTROL}/bouw/calls", timeout=60).json() if call["operation"] == operation]


def half_requests(tls: ssl.SSLContext) -> list[socket.socket]:
    """Forty to the portal, past the proxy, and forty to the proxy."""
    opened = []
    for number in range(40):
        for place in (("127.0.0.1", 8000), (ADDRESS, 443)):
            one = socket.create_connection(place, 60)
            if place[1] == 443:
                one = tls.wrap_socket(one, server_hostname=PORTAL)
            one.sendall(HALVES[number % 2])
            opened.append(one)
    return opened


def wait(happened: object) -> None:
    """Until it is so, or for two minutes."""
    until = time.monotonic() + 120
    while not happened():  # type: ignore[operator]
        if time.monotonic() > until:
            sys.exit("it takes too long")
        time.sleep(0.05)


def know_the_portal() -> None:
    """Nobody tells names in that network: the portal's stands for its one address."""
    asked = socket.getaddrinfo

    def told(host: str, *more: Any, **named: Any) -> Any:
        return asked(ADDRESS if host == PORTAL else host, *more, **named)

    socket.getaddrinfo = told  # type: ignore[assignment]


def main() -> None:
    """The whole visit."""
    know_the_portal()
    link, authority = sys.argv[1:]
    visitor = Visitor(SITE)
    visitor.session.verify = authority
    wait(lambda: '"status":"ok"' in visitor.session.get(f"{SITE}/readyz", timeout=60).text)  # the worker is there too
    come_in(visitor, link)
    codes = next(one for one in requests.get(f"{CONTROL}/administrations", timeout=60).json() if one["name"] == "bouw")
    link_up(visitor, codes)
    if not calls("OpenSession"):
        sys.exit(f"nothing came to https://{ADDRESS}: {visitor.text()[:1500]}")
    visitor.open("/t/jansen/relations/")
    form = visitor.form("/sync")
    requests.put(
        f"{CONTROL}/bouw/mischief", json=[{"kind": "slow", "operation": "GetRelaties", "seconds": 300}], timeout=60
    ).raise_for_status()
    before = len(calls("GetRelaties"))
    slow = threading.Thread(target=visitor.submit, args=(form,), daemon=True)
    slow.start()
    wait(lambda: len(calls("GetRelaties")) > before)
    halves = half_requests(ssl.create_default_context(cafile=authority))
    straight = requests.get("http://127.0.0.1:8000/healthz", headers={"Host": PORTAL}, timeout=60)
    through = requests.get(f"{SITE}/healthz", verify=authority, timeout=60)
    page = requests.get(f"{SITE}/login", verify=authority, timeout=60)
    if not slow.is_alive():
        sys.exit("the slow call was over before anybody else was answered")
    print(*[answer.status_code for answer in (straight, through, page)], len(halves))


if __name__ == "__main__":
    main()

"""Nothing is called but what is configured, the bookkeeping's host and the mail server: every connection is heard.

Python's own audit events tell of each connection and each look-up of a name, whatever library makes it. The database's
driver is not Python; it talks to DATABASE_URL only. There is no file store yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from app import make_bookkeeping, make_mailer
from jobs import rounds
from services import mail
from services.catalogue import articles, connecting, relations
from services.company import tenants
from tests.blueprints.test_auth import log_in
from tests.blueprints.test_reset import ask
from tests.support.cast import EMAILS, PASSWORD, numbered, process
from tests.support.client import HTMX, client_for
from tests.support.mail_server import running_mail_server
from tests.support.sandbox_process import Sandbox

_listeners: list[set[tuple[str, int]]] = []


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listeners:
        return
    if event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        found = arguments[1][0], arguments[1][1]
    elif event == "socket.getaddrinfo":
        found = arguments[0], arguments[1]
    else:
        return
    for listener in _listeners:
        listener.add((str(found[0]), int(found[1] or 0)))


sys.addaudithook(_listen)  # it stays for the life of the process, and is deaf outside `listened`


@contextmanager
def listened() -> Iterator[set[tuple[str, int]]]:
    """(host, port) of every connection that is made, and every name that is looked up."""
    called: set[tuple[str, int]] = set()
    _listeners.append(called)
    try:
        yield called
    finally:
        _listeners.remove(called)


def journey(app: Flask, vos: SimpleNamespace) -> None:
    """Log in, press, sync, ask a new password, and the worker's rounds."""
    client, deps = client_for(app, None), app.extensions["crafter"]
    assert log_in(client, email=EMAILS["planner"], password=PASSWORD).status_code == 303
    pressed = client_for(app, "planner").post(f"/t/vos/work-orders/{vos.order_id}/approve", headers=HTMX)
    assert pressed.status_code == 200
    assert numbered(1, "WB") in pressed.text
    ask(client_for(app, None), EMAILS["planner"])
    actor = process("vos")
    assert connecting.start(deps, actor).ok
    articles.sync(deps, actor)
    relations.sync(deps, actor)
    tenants.leave()
    mail.deliver(deps)
    rounds.every_minute(deps)
    rounds.every_hour(deps)


def test_a_full_journey_calls_the_bookkeeping_and_the_mail_server_and_nobody_else(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox, tmp_path: Path
) -> None:
    with running_mail_server(tmp_path) as letters:
        settings = replace(vos.deps.settings, sandbox_control_url="", mail_url=f"smtp://127.0.0.1:{letters.port}")
        deps = replace(vos.deps, settings=settings, mailer=make_mailer(settings))
        app.extensions["crafter"] = deps
        with listened() as called:
            journey(app, vos)
        assert len(letters.letters) == 1
    assert called == {("127.0.0.1", urlsplit(sandbox.url).port), ("127.0.0.1", letters.port)}


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://kwaad.invalid/"])
def test_another_host_would_be_heard(address: str) -> None:
    with listened() as called, pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=2, proxies={"http": ""})
    parts = urlsplit(address)
    assert (parts.hostname, parts.port or 80) in called


def test_a_redirect_of_the_bookkeeping_is_not_followed(app: Flask, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"kind": "redirect", "operation": "AddFactuur"}])
    with listened() as called:
        client_for(app, "planner").post(f"/t/vos/work-orders/{vos.order_id}/approve", headers=HTMX)
    assert called == {("127.0.0.1", urlsplit(sandbox.url).port)}
    assert len(sandbox.calls("demo", "AddFactuur")) == 1


def test_a_proxy_of_the_environment_is_not_used(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    deps = replace(vos.deps, bookkeeping=make_bookkeeping(vos.deps.settings))
    with listened() as called:
        assert connecting.start(deps, process("vos")).ok
    tenants.leave()
    deps.bookkeeping.close()
    assert called == {("127.0.0.1", urlsplit(sandbox.url).port)}

"""The outbox: a letter goes when its transaction commits, once, is tried again when it must, and is never lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from gateways.mail import Smtp, mail_server
from jobs import rounds
from models import Mail
from services import mail
from services.company import tenants
from services.dependencies import Dependencies
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_auth import csrf_of
from tests.support.cast import EMAILS
from tests.support.client import client_for
from tests.support.mail_server import MailServerState, running_mail_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServerState]:
    """A real mail server."""
    with running_mail_server(tmp_path) as running:
        yield running


@pytest.fixture
def deps(app: Flask, server: MailServerState) -> Dependencies:
    """The app's dependencies with that server behind the port."""
    mailer = Smtp(mail_server(f"smtp://127.0.0.1:{server.port}"), "Crafter <post@crafter.example>")
    app.extensions["crafter"] = replace(app.extensions["crafter"], mailer=mailer)
    deps: Dependencies = app.extensions["crafter"]
    return deps


def post(to: str = "jan@klant.example") -> None:
    """A letter, committed."""
    with write_transaction() as session:
        mail.post(session, to, "Een link", "https://crafter.example/welcome/geheim")


def row() -> Mail:
    """The one letter in the outbox."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Mail)).one()


def make_due() -> None:
    """As if the pause were over."""
    with write_transaction() as session:
        found = session.scalars(select(Mail)).one()
        found.due_at -= timedelta(days=1)
        if found.lease_until:
            found.lease_until -= timedelta(days=1)


def test_a_letter_goes_once_and_its_text_is_erased(deps: Dependencies, server: MailServerState) -> None:
    post()
    assert mail.deliver(deps) == 1
    assert mail.deliver(deps) == 0
    assert [letter["To"] for letter in server.letters] == ["jan@klant.example"]
    assert (row().state, row().text) == ("sent", "")


def test_a_letter_of_a_transaction_that_failed_never_goes(deps: Dependencies, server: MailServerState) -> None:
    def fail() -> None:
        with write_transaction() as session:
            mail.post(session, "jan@klant.example", "Nee", "nee")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert mail.deliver(deps) == 0
    assert server.letters == []


def test_a_server_that_says_later_is_asked_again_with_a_growing_pause(
    deps: Dependencies, server: MailServerState
) -> None:
    server.moods = ["greylisted", "greylisted"]
    post()
    pauses = []
    for _ in range(2):
        assert mail.deliver(deps) == 0
        assert mail.deliver(deps) == 0  # not due yet: nobody is asked
        found = row()
        pauses.append(found.due_at - found.created_at)
        make_due()
    assert server.connections == 2
    assert pauses[1] > pauses[0] >= mail.FIRST_PAUSE
    assert mail.deliver(deps) == 1


def test_a_lost_answer_is_repeated_under_the_same_name_and_said_in_the_log(
    deps: Dependencies, server: MailServerState, caplog: pytest.LogCaptureFixture
) -> None:
    server.moods = ["lost_answer"]
    post()
    with caplog.at_level(logging.WARNING, "crafter.mail"):
        mail.deliver(deps)
    assert "may arrive twice" in caplog.text
    make_due()
    assert mail.deliver(deps) == 1
    first, second = server.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_a_box_that_does_not_exist_ends_it_with_the_reason(deps: Dependencies, server: MailServerState) -> None:
    server.moods = ["no_such_box"]
    post()
    mail.deliver(deps)
    assert (row().state, row().text) == ("failed", "")
    assert "no such box" in row().error


def test_two_processes_at_once_send_one_letter(app: Flask, deps: Dependencies, server: MailServerState) -> None:
    post()
    tenants.leave()
    barrier = threading.Barrier(4)

    def round_() -> None:
        with app.app_context():
            barrier.wait()
            mail.deliver(deps)
            tenants.leave()

    threads = [threading.Thread(target=round_) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.letters) == 1


def test_a_sender_that_died_leaves_the_letter_to_the_next(deps: Dependencies, server: MailServerState) -> None:
    post()
    assert mail._claim() is not None  # and then the power went out
    assert mail.deliver(deps) == 0
    make_due()
    assert mail.deliver(deps) == 1


def test_a_request_that_posts_something_sends_it_without_waiting_for_the_worker(
    app: Flask, deps: Dependencies, server: MailServerState
) -> None:
    guest = client_for(app, None)
    page = guest.get("/forgotten-password").text
    typed = {"csrf_token": csrf_of(page), "email": EMAILS["office"]}
    answer = guest.post("/forgotten-password", data=typed)
    assert server.connections == 0  # nobody waits for the mail server
    answer.close()  # as a server does when the last byte went out
    until = time.monotonic() + 20
    while not server.letters and time.monotonic() < until:
        time.sleep(0.05)
    assert [letter["To"] for letter in server.letters] == [EMAILS["office"]]
    assert "/new-password/" in server.letters[0].get_content()


def test_the_workers_round_delivers(deps: Dependencies, server: MailServerState) -> None:
    post()
    rounds.every_minute(deps)
    assert len(server.letters) == 1


def test_letters_of_long_ago_are_thrown_away_but_never_one_that_waits(
    deps: Dependencies, server: MailServerState
) -> None:
    post()
    mail.deliver(deps)
    post("wacht@klant.example")
    with write_transaction() as session:
        for letter in session.scalars(select(Mail)):
            letter.created_at -= timedelta(days=31)
    mail.tidy()
    assert row().to_address == "wacht@klant.example"


def test_an_address_that_is_none_is_refused_before_anything_is_written(app: Flask) -> None:
    for bad in ("jan", "jan@klant.example\nBcc: all@klant.example", ""):
        with pytest.raises(ValueError, match="no mail address"), write_transaction() as session:
            mail.post(session, bad, "x", "y")


def test_mail_shows_at_the_machine_itself_and_never_in_production(app: Flask) -> None:
    post()
    stranger = client_for(app, None)
    assert stranger.get("/outbox", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    for header in ("X-Forwarded-For", "Forwarded"):
        assert stranger.get("/outbox", headers={header: "192.0.2.7"}).status_code == 404
        assert "/outbox" not in stranger.get("/login", headers={header: "192.0.2.7"}).text
    assert "/outbox" in stranger.get("/login").text
    page = client_for(app, None).get("/outbox").text
    assert "jan@klant.example" in page
    assert "https://crafter.example/welcome/geheim" in page
    assert 'href="https://crafter.example' not in page  # only links to ourselves can be pressed
    assert mail.deliver(app.extensions["crafter"]) == 0  # it stays, and shows
    deps = app.extensions["crafter"]
    app.extensions["crafter"] = replace(deps, settings=replace(deps.settings, env="production"))
    for who in (None, "owner", "support"):
        assert client_for(app, who).get("/outbox").status_code == 404

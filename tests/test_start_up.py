"""Starting: production refuses demo people, a new tenant gets a one-time link, no transaction is open during a call."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from click import Option
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select
from uuid_utils.compat import uuid7

import cli
from app import create_app
from models import Person, Relation
from run import refuse_another_mode
from services.link import connection
from services.transaction import write_transaction
from settings import Settings, UnsafeSettings
from tenancy.database import db
from tests.support.client import client_for


def test_production_refuses_a_database_with_demo_people(app: Flask, settings: Settings) -> None:
    production = replace(settings, env="production")
    create_app(production)
    with write_transaction() as session:
        session.scalars(select(Person)).first().is_demo = True
    with pytest.raises(UnsafeSettings, match="demo"):
        create_app(production)


def test_a_trial_says_so_on_every_page_and_names_nobody_of_the_demo(app: Flask, settings: Settings) -> None:
    trial = create_app(replace(settings, env="trial"))
    for asked, there in ((trial, True), (app, False)):
        for path in ("/login", "/nergens"):
            page = client_for(asked, None).get(path).text
            assert ("Proefopstelling: niets van hier gaat" in page) is there, path
    assert "Proefopstelling" in client_for(trial, "owner").get("/t/vos/").text
    assert "demopersonen" not in client_for(trial, None).get("/login").text
    given = dict.fromkeys(("status", "title", "what", "why", "now", "reference", "pressed", "address"), "")
    with trial.test_request_context():
        assert "Proefopstelling" in trial.jinja_env.get_template("errors/away.html").render(given)


@pytest.mark.parametrize("asked", ["production", "trial"])
def test_make_run_is_a_demo_and_nothing_else(asked: str) -> None:
    refuse_another_mode({"CRAFTER_ENV": " "})
    refuse_another_mode({"CRAFTER_ENV": "demo"})
    with pytest.raises(SystemExit, match="start alleen een demo"):
        refuse_another_mode({"CRAFTER_ENV": asked})


def test_processes_part_after_the_app_is_made_and_share_no_connection_and_no_thread(
    app: Flask, settings: Settings
) -> None:
    before = threading.active_count()
    made = create_app(replace(settings, env="production"))
    with made.app_context():
        assert db.engine.pool.status() == db.engine.pool.recreate().status(), "a connection from before the fork"
    assert threading.active_count() == before


def test_processes_that_part_never_give_rows_the_same_id() -> None:
    uuid7()  # what the generator has at hand would be there twice
    reading, writing = os.pipe()
    for _ in range(2):
        if os.fork() == 0:
            os.write(writing, "".join(f"{uuid7()}\n" for _ in range(200)).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        ids = said.read().split()
    for _ in range(2):
        os.wait()
    assert len(ids) == len(set(ids)) == 400


def test_a_new_tenants_owner_comes_in_by_a_link_that_works_once(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["tenant", "create", "nieuw", "--owner", "baas@nieuw.example"])
    assert result.exit_code == 0, result.output
    link = result.output.strip().splitlines()[-1].removeprefix("http://127.0.0.1:8000")
    client = client_for(app, None)
    app.config["WTF_CSRF_ENABLED"] = False
    assert "baas@nieuw.example" in client.get(link).text
    short = client.post(link, data={"password": "kort"})
    assert short.status_code == 422
    assert "minstens" in short.text
    assert client.post(link, data={"password": "een heel lang wachtwoord"}).status_code == 303
    assert client.get("/t/nieuw/").status_code == 200
    again = client_for(app, None).post(link, data={"password": "nog een lang wachtwoord"})
    assert again.status_code == 422


def test_somebody_of_support_comes_in_by_a_link_and_never_over_an_account_that_is_there(app: Flask) -> None:
    runner = app.test_cli_runner()
    result = runner.invoke(args=["support", "create", "nina@crafter.example", "--name", "Nina"])
    assert result.exit_code == 0, result.output
    link = result.output.strip().splitlines()[-1].removeprefix("http://127.0.0.1:8000")
    client = client_for(app, None)
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post(link, data={"password": "een heel lang wachtwoord"}).status_code == 303
    assert client.get("/support/").status_code == 200
    for address in ("nina@crafter.example", "owner@vos.example"):
        again = runner.invoke(args=["support", "create", address])
        assert again.exit_code == 1, "an account that is there keeps its password"


def test_the_same_short_name_twice_is_refused_kindly(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["tenant", "create", "vos", "--owner", "x@vos.example"])
    assert result.exit_code == 1
    assert "Er is al een klant" in result.output


def test_no_call_leaves_while_a_transaction_is_open(vos: SimpleNamespace) -> None:
    given = connection.active_credentials(vos.deps)
    assert given is not None
    db.session.scalars(select(Relation)).first()
    with pytest.raises(RuntimeError, match="transaction is open"):
        vos.deps.bookkeeping.relations(given)


ENGLISH = re.compile(r"\b(the|a|when|left|and|their|made|make|every|how|which|secrets|company)\b", re.IGNORECASE)


def test_our_commands_explain_themselves_in_dutch_as_they_answer(app: Flask) -> None:
    texts = {}
    for name, group in ((one.name, one) for one in vars(cli).values() if isinstance(one, AppGroup)):
        texts[name] = group.help
        for command in group.commands.values():
            texts[f"{name} {command.name}"] = command.help
            options = (one for one in command.params if isinstance(one, Option))
            texts |= {f"{name} {command.name} {one.name}": one.help for one in options}
    assert len(texts) > 20
    assert {name: text for name, text in texts.items() if not text or ENGLISH.search(text)} == {}

"""create_app(settings): wires everything, decides nothing. `python app.py` and `flask --app app` use it."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined
from sqlalchemy import inspect
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

import cli
import data_folder
import defaults
import models  # noqa: F401 - knows all tables
from blueprints import _filters, _templates, _words
from gateways.bookkeeping import Bookkeeping
from gateways.eboekhouden.calls import Times
from gateways.eboekhouden.client import EBoekhouden
from gateways.eboekhouden.guards import Breakers
from gateways.eboekhouden.narrowing import Narrowing
from gateways.file_counts import day_counts
from gateways.mail import Mailer, Smtp, mail_server
from gateways.queue import measure, waker
from gateways.shared_counts import shared_counts
from oversight import logs, metrics
from services.crashpoints import reach
from services.dependencies import Dependencies
from services.people import demo_people
from services.transaction import no_transaction_open
from settings import Settings, UnsafeSettings, from_environment
from tenancy.clock import AMSTERDAM
from tenancy.database import db, engine_options
from tenancy.row_security import owns_tables, passes_the_wall
from web import away, errors, guard, headers, letters, lost_forms, mail, odd_input, once, people, requests, static_files
from web.sessions import RowSessions

HERE = Path(__file__).parent


def create_app(
    settings: Settings | None = None, bookkeeping: Callable[[Settings], Bookkeeping] | None = None, pages: bool = True
) -> Flask:
    """A Flask app from settings (default: the environment), over what `bookkeeping` makes of them (default:
    e-Boekhouden.nl). `pages`: whether anybody opens them; the worker reads none in."""
    if settings is None:
        data_folder.write_for_us_alone()
        settings = from_environment()
        logs.configure(readable=settings.demo)
    logs.keep_quiet()  # zeep's DEBUG prints whole envelopes, credentials and all
    app = Flask("crafter", root_path=str(HERE))
    app.jinja_environment = _templates.TemplatesByLanguage
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url, settings.database_pooler == "transaction"),
        WTF_CSRF_TIME_LIMIT=None,  # bound to the session; long-open pages keep working
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="nl",
        BABEL_DEFAULT_TIMEZONE=AMSTERDAM.key,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
    )
    if settings.proxy_hops:  # only our own proxies are believed; they pass the Host header on as it came
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxy_hops, settings.proxy_hops, x_host=0)  # type: ignore[method-assign]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.init_app(app)
    know_migrations(app)
    _words.install(app)
    _templates.install(app)
    Bootstrap5(app)
    static_files.install(app)
    requests.install(app, behind_proxy=settings.proxy_hops > 0)
    away.install(app)
    headers.install(app, settings.https)
    lost_forms.Tokens(app)
    odd_input.install(app)
    app.session_interface = RowSessions(settings, secure=settings.https)
    app.extensions["crafter"] = Dependencies(
        settings,
        (bookkeeping or make_bookkeeping)(settings),
        waker(settings.queue_url),
        make_mailer(settings),
        measure(settings.queue_url),
        letters.writer(app),
    )
    people.install(app)
    guard.install(app)
    lost_forms.install(app)
    once.install(app)
    requests.know_actor(app)
    _filters.install(app)
    errors.install(app)
    mail.install(app)
    if pages:
        show(app, settings)
    cli.install(app)
    if settings.production:
        refuse_demo_people(app)
        refuse_all_seeing_role(app)
        with app.app_context():
            db.engine.dispose()  # gunicorn forks after this (gunicorn.conf.py), and a connection has one owner
    return app


def show(app: Flask, settings: Settings) -> None:
    """The pages, and what stands around each of them."""
    from blueprints._areas import BLUEPRINTS
    from web import context

    context.install(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def know_migrations(app: Flask) -> None:
    """Flask-Migrate, read in when somebody migrates: a process that serves has no use for the 8 MB of Alembic."""

    def read_in() -> Any:
        from flask_migrate import Migrate

        Migrate(app, db, directory=str(HERE / "migrations"), render_as_batch=True, compare_type=True)
        return app.extensions["migrate"]  # which stands there instead of us from now on

    app.extensions["migrate"] = LocalProxy(read_in)


def refuse_demo_people(app: Flask) -> None:
    """Production does not start on a database with demo people: their password is public."""
    with app.app_context():
        if inspect(db.engine).has_table("person") and demo_people.exist():
            raise UnsafeSettings("this database holds demo people; production does not start with them")
        db.session.remove()


def refuse_all_seeing_role(app: Flask) -> None:
    """Production does not start as a database role that row-level security does not hold for, nor serves as one that
    could switch it off. Commands (which Flask tells by a variable) may be the owner: some ask for it."""
    with app.app_context(), db.engine.connect() as connection:
        if passes_the_wall(connection):
            raise UnsafeSettings("the database role is a superuser or has BYPASSRLS; see docs/architecture.md")
        if os.environ.get("FLASK_RUN_FROM_CLI") != "true" and owns_tables(connection):
            raise UnsafeSettings("portal and worker need a database role that owns no tables; see docs/architecture.md")


def make_bookkeeping(settings: Settings) -> Bookkeeping:
    """The bookkeeping behind the port; its sessions are closed when the process ends."""
    times = settings.times
    books = EBoekhouden(
        settings.eboekhouden_url,
        times=Times(
            connect=times.connect_seconds, post=times.post_seconds, read=times.read_seconds, lists=times.list_seconds
        ),
        before_call=no_transaction_open,
        reached=reach,
        asked=metrics.call_done,
        sent=metrics.invoice_sent,
        breakers=Breakers(opened=metrics.circuit_opened),
        max_calls=settings.soap_calls_at_once,
        max_calls_each=settings.soap_calls_each,
        patience=settings.soap_patience,
        shared=shared_counts(settings.queue_url),
        counts=day_counts(settings.queue_url),
        calls_together=settings.soap_calls_together,
        calls_a_day=settings.soap_calls_a_day,
        calls_kept=settings.soap_calls_kept,
        searching_a_day=settings.searching_a_day,
        narrowing=Narrowing(
            calls=settings.search_calls,
            seconds=settings.search_calls * (0.5 + settings.search_pause),
            pause=settings.search_pause,
        ),
    )
    atexit.register(books.close)
    return books


def make_mailer(settings: Settings) -> Mailer | None:
    """The mail server behind the port, or None: then mail stays in the outbox."""
    return Smtp(mail_server(settings.mail_url), settings.mail_from) if settings.mail_url else None


if __name__ == "__main__":
    create_app().run(host="127.0.0.1", port=defaults.port(os.environ, "PORT"))

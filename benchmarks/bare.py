"""The floor: the barest Flask + SQLAlchemy + Jinja app with a list of 50 orders, a page of one, and a transition of one
in two commits, as durable as ours. No login, no session, no permissions, one table.

`bare:app` under gunicorn, with BARE_DATABASE as its database, which `fill` made.
"""

from __future__ import annotations

import os
import sqlite3
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, Numeric, String, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LIST = """<!doctype html><html lang="nl"><head><title>Werkbonnen</title></head><body><table>
{% for order in orders %}<tr><td><a href="/one/{{ order.id }}">{{ order.number }}</a></td><td>{{ order.customer }}</td>
<td>{{ order.title }}</td><td>{{ order.day }}</td><td>{{ order.state }}</td><td>{{ order.total }}</td></tr>
{% endfor %}</table></body></html>"""
ONE = """<!doctype html><html lang="nl"><head><title>{{ order.number }}</title></head><body><h1>{{ order.number }}</h1>
<p>{{ order.customer }}</p><p>{{ order.title }}</p><p>{{ order.day }}</p>
<p>{{ order.state }}</p><p>{{ order.total }}</p>
</body></html>"""


class Base(DeclarativeBase):
    """Of the one table."""


db = SQLAlchemy(model_class=Base)


class BareOrder(db.Model):  # type: ignore[name-defined,misc]
    """An order."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), index=True)
    customer: Mapped[str] = mapped_column(String(150))
    title: Mapped[str] = mapped_column(String(150))
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    total: Mapped[Decimal] = mapped_column(Numeric(12, 2))


app = Flask("bare")
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("BARE_DATABASE", "sqlite://")
db.init_app(app)


@app.get("/readyz")
def ready() -> str:
    """Whether it answers."""
    return "ok"


@app.get("/")
def list_() -> str:
    """The newest 50."""
    orders = db.session.scalars(select(BareOrder).order_by(BareOrder.number.desc()).limit(50)).all()
    return render_template_string(LIST, orders=orders)


@app.get("/one/<int:order_id>")
def one(order_id: int) -> str:
    """One."""
    return render_template_string(ONE, order=db.get_or_404(BareOrder, order_id))


@app.post("/one/<int:order_id>/move")
def move(order_id: int) -> str:
    """Two steps of one, each committed before the next."""
    for state in ("approved", "posted"):
        order = db.get_or_404(BareOrder, order_id)
        order.state = state
        db.session.commit()
    return render_template_string(ONE, order=order)


@event.listens_for(Engine, "connect")
def _as_durable(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")


def fill(orders: int) -> None:
    """Make the table with this many orders."""
    with app.app_context():
        db.create_all()
        for n in range(orders):
            row = {
                "number": f"2026-{n:06d}",
                "customer": f"Familie {n % 50}",
                "title": "Onderhoud ketel",
                "state": "done",
            }
            db.session.add(BareOrder(**row, day=date(2026, 11, 18), total=Decimal("417.50")))
        db.session.commit()


if __name__ == "__main__":
    fill(1000)

"""A whole run, heard and read everywhere: no security code and no session id in a log or in a row."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.message import NOTHING
from domain.relation import RelationDetails
from models import PostingAttempt, Relation
from services.catalogue import connecting, relations, remote_relations
from services.invoicing import missing, recovery
from services.invoicing import press as invoicing
from services.link import connection
from tenancy.database import Base, db
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox


class Sessions:
    """Every session id that the gateway ever held."""

    def __init__(self, gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: set[str] = set()
        opened = gateway._sessions._open_session

        def listening(credentials: Any) -> str:
            session_id: str = opened(credentials)
            self.seen.add(session_id)
            return session_id

        monkeypatch.setattr(gateway._sessions, "_open_session", listening)


def everything_stored() -> str:
    """Every value of every row, all tables."""
    db.session.rollback()
    found = []
    with db.engine.connect() as open_connection:
        for table in Base.metadata.sorted_tables:
            found += [f"{table.name} {row}" for row in open_connection.execute(select(table))]
    return "\n".join(found)


def press(vos: SimpleNamespace, sandbox: Sandbox, *rules: dict[str, Any]) -> str:
    """A fresh order approved under mischief; the posting's state."""
    sandbox.mischief("demo", list(rules))
    order_id = make_order(vos.actor, vos.relation_id)
    pressed = invoicing.approve(vos.deps, vos.actor, order_id)
    sandbox.clear_mischief("demo")
    if pressed.state == states.POSTED and pressed.posting_id:
        missing.read_back(vos.deps, vos.actor, pressed.posting_id)
    return pressed.state


def test_no_log_and_no_row_shows_a_code_or_a_session(
    vos: SimpleNamespace,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("", *list(logging.root.manager.loggerDict)):
        # sealed bytes stay sealed, but SQL logs every row that is written
        caplog.set_level("DEBUG", logger=name)
    given = sandbox.credentials("demo")
    sessions = Sessions(vos.deps.bookkeeping, monkeypatch)
    posted = press(vos, sandbox)
    refused = press(vos, sandbox, {"kind": "refuse", "operation": "AddFactuur", "code": "CFACT025"})
    uncertain = [
        press(vos, sandbox, {"kind": kind, "operation": "AddFactuur"})
        for kind in ("http_500_fault", "truncated_xml", "lost_answer")
    ]
    expired = press(vos, sandbox, {"kind": "expired_session", "operation": "AddFactuur"})
    not_sent = press(vos, sandbox, {"kind": "expired_session", "operation": "AddFactuur", "times": 2})
    assert (posted, refused, expired, not_sent) == (states.POSTED, states.REFUSED, states.POSTED, states.NOT_SENT)
    assert uncertain == [states.UNCERTAIN] * 3
    recovery.recover_all(vos.deps, "werker")
    assert relations.sync(vos.deps, vos.actor).error == NOTHING
    remote_relations.create_remote(vos.deps, vos.actor, relations.create(vos.actor, RelationDetails("De Oven")))
    sandbox.mischief("demo", [{"kind": "password_changed"}])
    vos.deps.bookkeeping.forget(vos.tenant_id)
    assert relations.sync(vos.deps, vos.actor).error_code == "E001.1"
    sandbox.clear_mischief("demo")
    assert connecting.start(vos.deps, vos.actor).ok
    connection.undo(vos.deps, vos.actor)

    stored, printed = everything_stored(), capfd.readouterr()
    heard = caplog.text + printed.out + printed.err
    assert "POST /soap.asmx" in heard, "the log was not heard at all"
    assert "CFACT025" in stored, "the rows were not read at all"
    assert len(db.session.scalars(select(PostingAttempt)).all()) >= 7
    assert db.session.scalars(select(Relation).where(Relation.name == "De Oven")).one().remote_id
    secrets = {given["code1"], given["code2"], *sessions.seen}
    assert len(sessions.seen) >= 4
    for secret in secrets | {secret.strip("{}").lower() for secret in secrets}:
        assert secret not in heard
        assert secret.lower() not in heard.lower()
        assert secret.lower() not in stored.lower()

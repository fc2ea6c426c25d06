"""Coming in and going out: OpenSession, OpenSessionSub, CloseSession, AutoLogin, GetAdministraties."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from sandbox import books
from sandbox.books import Administration
from sandbox.errors import BusinessError
from sandbox.operations.context import Context, entered


def open_session(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A session for right credentials. Raises BusinessError (E001.*)."""
    with context.store.reading() as connection:
        found = _credentials_checked(context, connection, values)
    return {"SessionID": context.sessions.open(found.name, values["Username"])}


def open_sub_session(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A session of an accountant in a client's books. Raises BusinessError (E001.*, E002.5)."""
    with context.store.reading() as connection:
        own = _credentials_checked(context, connection, values)
        clients = _clients(connection, values["Username"])
    if not clients:
        raise BusinessError("E002.5")
    wanted = values.get("AdministratieGUID", "").upper()
    for found in (own, *clients):
        if found.code2.upper() == wanted:
            return {"SessionID": context.sessions.open(found.name, values["Username"], own.code2)}
    raise BusinessError("E001.2")


def _credentials_checked(context: Context, connection: sqlite3.Connection, values: Mapping[str, Any]) -> Administration:
    login = connection.execute("SELECT * FROM login WHERE username = ?", (values.get("Username", ""),)).fetchone()
    if login is None or login["code1"] != values.get("SecurityCode1", "") or context.mischief("password_changed"):
        raise BusinessError("E001.1")
    if login["administration"] is None:
        raise BusinessError("E001.2")
    found = books.administration(connection, login["administration"])
    if found is None or found.code2.upper() != values.get("SecurityCode2", "").upper():
        raise BusinessError("E001.3")
    if not login["permitted"]:
        raise BusinessError("E001.5")
    return found


def _clients(connection: sqlite3.Connection, username: str) -> list[Administration]:
    """The administrations an accountant looks after; empty for anybody else."""
    rows = connection.execute("SELECT administration FROM accountant WHERE username = ?", (username,))
    names = {row["administration"] for row in rows}
    return [found for found in books.administrations(connection) if found.name in names]


def close_session(context: Context, values: Mapping[str, Any]) -> None:
    """End a session; the answer is always empty."""
    context.sessions.close(values.get("SessionID", ""))


def auto_login(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A token for their log-in page, for the user of the session. Raises BusinessError (E002.*)."""
    _, session = entered(context, values)
    if values.get("Username", "") != session.username:
        raise BusinessError("E002.1")
    return {"Token": secrets.token_hex(16).upper()}


def list_administrations(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The administrations of this user: one, or for an accountant the clients' as well."""
    own, session = entered(context, values)
    with context.store.reading() as connection:
        others = [found for found in _clients(connection, session.username) if found.name != own.name]
    return {
        "Administraties": [
            {
                "Bedrijf": found.company,
                "Plaats": found.place,
                "Guid": found.code2,
                "StartBoekjaar": found.book_year,
            }
            for found in (own, *others)
        ]
    }

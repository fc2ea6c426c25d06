"""Coming in and going out: OpenSession, CloseSession, GetAdministraties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import books
from sandbox.errors import BusinessError
from sandbox.operations.context import Context, administration_of


def open_session(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A session for right credentials. Raises BusinessError (E001.*)."""
    with context.store.reading() as connection:
        login = connection.execute(
            "SELECT * FROM login WHERE username = ?", (values.get("Username", ""),)
        ).fetchone()
        if (
            login is None
            or login["code1"] != values.get("SecurityCode1", "")
            or context.mischief("password_changed")
        ):
            raise BusinessError("E001.1")
        if login["administration"] is None:
            raise BusinessError("E001.2")
        found = books.administration(connection, login["administration"])
    if found is None or found.code2.upper() != values.get("SecurityCode2", "").upper():
        raise BusinessError("E001.3")
    if not login["permitted"]:
        raise BusinessError("E001.5")
    return {"SessionID": context.sessions.open(found.name)}


def close_session(context: Context, values: Mapping[str, Any]) -> None:
    """End a session; the answer is always empty."""
    context.sessions.close(values.get("SessionID", ""))


def list_administrations(context: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one administration this user has."""
    found = administration_of(context, values)
    return {
        "Administraties": [
            {
                "Bedrijf": found.company,
                "Plaats": found.place,
                "Guid": found.code2,
                "StartBoekjaar": found.book_year,
            }
        ]
    }

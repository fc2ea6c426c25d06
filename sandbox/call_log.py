"""Every call that came in, kept masked: when, what was asked, what was done and what was answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.masking import masked
from sandbox.store import Store

_KEPT = 2000


class CallLog:
    """The calls of every administration; the newest 2,000 of each stay."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def arrived(
        self,
        administration: str,
        operation: str,
        sent: Mapping[str, Any],
        mischief: str | None,
        soap: str = "",
        tolerated: Sequence[str] = (),
    ) -> int:
        """Write down a call before anything is done with it; the id of its entry.

        `soap` is its SOAP version, `tolerated` what the schema has against its form (it was let pass).
        """
        with self._store.writing(durable=False) as connection:
            cursor = connection.execute(
                "INSERT INTO call (administration, at, operation, sent, mischief, soap, tolerated)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (administration, _now(), operation, _json(masked(sent)), mischief, soap, _json(list(tolerated))),
            )
            entry = int(cursor.lastrowid or 0)
            if entry % 200 == 0:
                connection.execute(
                    "DELETE FROM call WHERE administration = ? AND id <= (SELECT id FROM call"
                    " WHERE administration = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                    (administration, administration, _KEPT),
                )
            return entry

    def acted(self, entry: int, code: str | None, answered: Mapping[str, Any] | None) -> None:
        """Write down that the operation was carried out, and what its answer is."""
        with self._store.writing(durable=False) as connection:
            connection.execute(
                "UPDATE call SET acted_at = ?, code = ?, answered = ? WHERE id = ?",
                (_now(), code, _json(masked(answered)), entry),
            )

    def of(self, administration: str, limit: int = _KEPT) -> list[dict[str, Any]]:
        """The newest calls of an administration, oldest first.

        `acted` tells whether the operation was carried out, `code` is the business error if there was one,
        `tolerated` lists what the request had against the schema.
        """
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM call WHERE administration = ? ORDER BY id DESC LIMIT ?",
                (administration, limit),
            ).fetchall()
        return [
            {
                "id": row["id"],
                "at": row["at"],
                "operation": row["operation"],
                "sent": json.loads(row["sent"]),
                "mischief": row["mischief"],
                "soap": row["soap"],
                "tolerated": json.loads(row["tolerated"] or "[]"),
                "acted": row["acted_at"] is not None,
                "acted_at": row["acted_at"],
                "code": row["code"],
                "answered": json.loads(row["answered"]) if row["answered"] else None,
            }
            for row in reversed(rows)
        ]

    def clear(self, administration: str) -> None:
        """Forget the calls of an administration."""
        with self._store.writing(durable=False) as connection:
            connection.execute("DELETE FROM call WHERE administration = ?", (administration,))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

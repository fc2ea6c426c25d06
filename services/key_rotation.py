"""The keys that seal secrets: under which one each secret is, and moving all of them to the newest while people work.

Every sealed column is named here; an architecture test compares the list with the models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from models import Administration, Connection, Person, Tenant
from services.link import administrations, connection, kept_codes
from services.people import second_factor
from services.sealing import CannotUnseal, seal, unseal
from services.transaction import write_transaction
from tenancy.database import db
from tenancy.fence import enter


@dataclass(frozen=True)
class SealedColumn:
    """A column that holds a sealed secret, and what a row's secret is bound to."""

    model: type[Any]
    column: str
    place: Callable[[Any], str]

    @property
    def name(self) -> str:
        """As it is said: table.column."""
        return f"{self.model.__tablename__}.{self.column}"


SEALED = (
    SealedColumn(Connection, "code1_sealed", lambda row: connection.place(row, "code1")),
    SealedColumn(Connection, "code2_sealed", lambda row: connection.place(row, "code2")),
    SealedColumn(Administration, "fingerprint_sealed", administrations.place),
    SealedColumn(Administration, "code1_sealed", lambda row: kept_codes.place(row, "code1")),
    SealedColumn(Administration, "code2_sealed", lambda row: kept_codes.place(row, "code2")),
    SealedColumn(Person, "totp_sealed", lambda row: second_factor.place(row.id)),
)


@dataclass
class Count:
    """How many secrets are sealed under each key, and which cannot be opened (column and row, never a value)."""

    by_version: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)


def newest(keys: Mapping[str, bytes]) -> str:
    """The version that seals."""
    return list(keys)[-1]


def count(keys: Mapping[str, bytes]) -> Count:
    """Open every secret once and count. Leaves the present tenant."""
    found = Count()
    for model, columns in _places():
        for row in db.session.scalars(select(model)):
            for column, sealed in _held(row, columns):
                found.by_version[_version(sealed)] += 1
                try:
                    unseal(keys, sealed, column.place(row))
                except CannotUnseal:
                    found.unreadable.append(f"{column.name} {row.id}")
    return found


def rotate(keys: Mapping[str, bytes], progress: Callable[[int], None] = lambda done: None) -> int:
    """Seal everything under the newest key; how many secrets moved. Leaves the present tenant.

    One row a transaction, read again under its lock: a save by somebody else comes wholly before or wholly after.
    What cannot be opened stays as it is (`count` names it). Stopped half-way it goes on where it was.
    """
    done = 0
    for model, columns in _places():
        old = [row.id for row in db.session.scalars(select(model)) if _dated(keys, row, columns)]
        for row_id in old:
            with write_transaction() as session:
                row = session.scalars(select(model).where(model.id == row_id).with_for_update()).one_or_none()
                for column, sealed in _dated(keys, row, columns):
                    try:
                        plain = unseal(keys, sealed, column.place(row)).reveal()
                    except CannotUnseal:
                        continue
                    setattr(row, column.column, seal(keys, plain, column.place(row)))
                    done += 1
            progress(done)
    return done


def _places() -> Iterator[tuple[type[Any], list[SealedColumn]]]:
    """Each model with its sealed columns, with the session where its rows can be read: tenant after tenant (also the
    suspended ones, whose secrets want the new key as well), then the global ones."""
    db.session.remove()
    tenant_ids = list(db.session.scalars(select(Tenant.id).order_by(Tenant.id)))
    for tenant_id in tenant_ids:
        db.session.remove()
        enter(db.session(), tenant_id)
        yield from _models(scoped=True)
    db.session.remove()
    yield from _models(scoped=False)
    db.session.remove()


def _models(scoped: bool) -> Iterator[tuple[type[Any], list[SealedColumn]]]:
    for model in dict.fromkeys(column.model for column in SEALED):
        if hasattr(model, "tenant_id") == scoped:
            yield model, [column for column in SEALED if column.model is model]


def _held(row: Any, columns: list[SealedColumn]) -> list[tuple[SealedColumn, str]]:
    return [(column, sealed) for column in columns if row is not None and (sealed := getattr(row, column.column))]


def _dated(keys: Mapping[str, bytes], row: Any, columns: list[SealedColumn]) -> list[tuple[SealedColumn, str]]:
    return [(column, sealed) for column, sealed in _held(row, columns) if _version(sealed) != newest(keys)]


def _version(sealed: str) -> str:
    return sealed.partition(".")[0]

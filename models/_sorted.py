"""Names by which lists are sorted, in a column beside the name that is compared code by code on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import Connection, String, event
from sqlalchemy.orm import Mapped, Mapper, declared_attr, mapped_column

from domain.fold import LONGEST, sort_key


def by_code(length: int) -> String:
    """Text that PostgreSQL, too, compares code by code, whatever language its database was made for."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Sorted:
    """Mixin of a table whose rows are listed by name. `sort_name` follows what the row is called; who writes rows
    without the ORM gets it in every insert, and in an update asks `sort_name_of`."""

    CALLED: ClassVar[tuple[str, ...]] = ("name",)  # the columns that say what a row is called

    @declared_attr
    def sort_name(cls) -> Mapped[str]:
        """What lists are sorted by."""
        return mapped_column(
            by_code(LONGEST),
            default=lambda row: cls.sort_name_of(row.get_current_parameters()),
            server_default="",
            active_history=True,  # the index of words (models/search.py) stands in this order, and follows it
        )

    @classmethod
    def sort_name_of(cls, values: Mapping[str, Any]) -> str:
        """What a row with these values is sorted by."""
        return sort_key(*(values.get(column) or "" for column in cls.CALLED))


@event.listens_for(Sorted, "before_update", propagate=True)
def _follow(_mapper: Mapper[Any], _connection: Connection, row: Sorted) -> None:
    row.sort_name = row.sort_name_of({column: getattr(row, column) for column in row.CALLED})

"""A number that rises with every change of a row, by which a form can be told whether the row is still as it was shown.
An order's form goes by its own `version`; no other form asks yet."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column


class Versioned:
    """Mixin of a table that a form edits. The database counts, in the UPDATE itself and whoever sends it: two who
    change a row without a lock never make the same version, and writing many rows at once counts too."""

    row_version: Mapped[int] = mapped_column(default=1, server_default="1", onupdate=text("row_version + 1"))

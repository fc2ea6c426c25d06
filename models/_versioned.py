"""A number that rises with every change of a row, whoever changes it. Forms go by their fields (domain/meanwhile.py);
what looks at a whole row, as the press that posts an order does by its own `version`, goes by such a number."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column


class Versioned:
    """Mixin of a table that a form edits. The database counts, in the UPDATE itself and whoever sends it: two who
    change a row without a lock never make the same version, and writing many rows at once counts too."""

    row_version: Mapped[int] = mapped_column(default=1, server_default="1", onupdate=text("row_version + 1"))

"""the shape that lasts

Revision: 0011, after 0010.

Parts, each with its own file in migrations/shape: room for sums (money), what may be billed once (claims), numbers and
names by which lists are sorted (names), the words that rows are found by (search), who is where and when (visits), which
tenant waits for the worker (due), indexes of the log and of work sites (trail), what the link tells (link), signs of
life of the processes (beats), and a number that rises with each change of what a form edits (versions).
"""

from __future__ import annotations

from migrations.shape import beats, claims, due, link, money, names, search, trail, versions, visits

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PARTS = (money, claims, names, search, visits, due, trail, link, beats, versions)


def upgrade() -> None:
    for part in PARTS:
        part.upgrade()


def downgrade() -> None:
    for part in reversed(PARTS):
        part.downgrade()

"""Which strook is drawn stands in one table that a search for its name finds."""

from __future__ import annotations

import re
from pathlib import Path

from blueprints.work_orders.strook import TEMPLATES
from domain import posting as states

FOLDER = Path(__file__).parents[2] / "templates"


def test_the_table_names_every_strook_there_is() -> None:
    drawn = {str(path.relative_to(FOLDER)) for path in (FOLDER / "work_orders").glob("_strook_*.html")}
    assert set(TEMPLATES.values()) == drawn


def test_every_state_of_a_live_posting_has_a_strook() -> None:
    live = set(states.STATES) - {"waiting", states.ABANDONED}  # the first is drawn as sending, the last is over
    assert live <= set(TEMPLATES)


def test_no_template_is_included_under_a_name_put_together() -> None:
    """A joined name is found by no search."""
    for path in FOLDER.rglob("*.html"):
        found = re.findall(r"\{%-? (?:include|import|from|extends) [^%]*~[^%]*%\}", path.read_text())
        assert found == [], f"{path.relative_to(FOLDER)}: name the template in full, or take it from a table"


def test_a_view_names_its_template_in_full() -> None:
    for path in (FOLDER.parent / "blueprints").rglob("*.py"):
        found = re.findall(r"(?:render_template|answer)\(\s*f[\"'][^\"']*", path.read_text())
        assert found == [], f"{path.relative_to(FOLDER.parent)}: name the template in full, or take it from a table"

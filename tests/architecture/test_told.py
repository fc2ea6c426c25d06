"""A list that changes while somebody types is read out: beside it stands a region that tells, in it what is told."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "templates"
TARGET = re.compile(r'hx-target="#([\w-]+)"')


def live_lists() -> dict[str, str]:
    """The templates with a field or form that asks while somebody types, and the id of the list that changes."""
    found = {}
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        if 'role="search"' in text and "hx-get=" in text:
            target = TARGET.search(text)
            assert target, path
            found[str(path.relative_to(TEMPLATES))] = target[1]
    return found


def test_a_live_list_says_how_many_it_found() -> None:
    lists = live_lists()
    assert len(lists) >= 5
    silent = []
    for name, target in lists.items():
        text = (TEMPLATES / name).read_text()
        list_of = re.search(rf'id="{target}"[^>]*>\s*{{% include \'([^\']+)\' %}}', text)
        spoken = list_of and "{{ said(" in (TEMPLATES / list_of[1]).read_text()
        if f"{{{{ tells('{target}') }}}}" not in text or not spoken:
            silent.append(name)
    assert silent == []

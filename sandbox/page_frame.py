"""What the pages of an administration have in common: tabs, search field, count."""

from __future__ import annotations

from urllib.parse import quote

from sandbox import markup
from sandbox.books import Administration
from sandbox.markup import Markup, element

MOST_ROWS = 500
_TABS = (
    ("facturen", "Facturen"),
    ("relaties", "Relaties"),
    ("artikelen", "Artikelen"),
    ("gesprekken", "Gesprekken"),
)


def list_page(
    administration: Administration,
    tab: str,
    title: str,
    wanted: str,
    count: int,
    content: Markup,
    path: tuple[str, ...] = (),
) -> bytes:
    """A page with a list of `count` things, those that meet the search for `wanted`."""
    return markup.page(
        title,
        _search(wanted),
        element("p", f"{count} gevonden" + (f", eerste {MOST_ROWS} getoond" if count > MOST_ROWS else "")),
        content if count else element("p", "Hier staat niets.", class_="leeg"),
        path=(administration.company, *path),
        tabs=tabs(administration, tab),
    )


def tabs(administration: Administration, current: str) -> Markup:
    """The links between the lists of an administration."""
    links = [
        element(
            "a",
            text,
            href=f"/{quote(administration.name)}/{tab}",
            **({"aria-current": "page"} if tab == current else {}),
        )
        for tab, text in _TABS
    ]
    return element("nav", *links, **{"aria-label": administration.company})


def _search(wanted: str) -> Markup:
    field = Markup(f'<input type="search" name="zoek" value="{markup.html(wanted)}">')
    return element("form", element("label", "Zoeken ", field), element("button", "Zoek"), method="get", role="search")

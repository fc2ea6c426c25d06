"""Comments and docs point only to what is here: files, sections, codes of the glossary, folders of the map."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.test_source import ours

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
HERE = Path(__file__)
# A path with a folder and an ending, in `code`, in a link, in a comment or a docstring.
PATH = re.compile(r"(?<![\w/.:{}<>*-])((?:[\w.-]+/)+[\w-]+\.(?:py|md|html|js|css|txt|toml|in|png|sh))\b(?!\w*[*<{(])")
SECTION = re.compile(
    r"((?:docs/)?[\w-]+\.md)[,;]?\s+\(?(?:section|§)\s*(\d+)|section\s+(\d+)\s+of\s+\[?`?([\w/.-]+\.md)"
)


@cache
def tracked() -> frozenset[str]:
    """Every file that git knows or would take in, from the top."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if said.returncode == 0 and said.stdout:
        return frozenset(said.stdout.splitlines())
    skipped = {".venv", ".git", "instance", "node_modules"}
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return frozenset(str(path) for path in found if not skipped & set(path.parts))


def remarks(path: Path) -> Iterator[str]:
    """The text of a page, or the comments and docstrings of a program."""
    text = path.read_text()
    if path.suffix == ".md":
        yield text
        return
    yield from re.findall(r'"""(.*?)"""', text, re.DOTALL)
    yield from re.findall(r"(?:^|\s)#\s(.*)$", text, re.MULTILINE)


def exists(name: str, told_in: Path) -> bool:
    """Whether a path names a file of ours: from the top, from beside the page, or the end of one path."""
    beside = (told_in.parent / name).resolve()
    if name in tracked() or (beside.is_relative_to(ROOT) and str(beside.relative_to(ROOT)) in tracked()):
        return True
    return any(path.endswith(f"/{name}") for path in tracked())


def dead_ends(path: Path) -> list[str]:
    """The files and sections that a page or program names and that are not there."""
    found = []
    for text in remarks(path):
        found += [name for name in PATH.findall(text) if not exists(name, path)]
        for page, number, number_before, page_after in SECTION.findall(text):
            target = next((doc for doc in DOCS if str(doc).endswith((page or page_after).rpartition("/")[2])), None)
            headings = target.read_text() if target else ""
            if not re.search(rf"^## {number or number_before}\. ", headings, re.MULTILINE):
                found.append(f"section {number or number_before} of {page or page_after}")
    return found


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_points_only_to_what_is_here(path: Path) -> None:
    assert dead_ends(path) == []


def test_comments_and_docstrings_point_only_to_what_is_here() -> None:
    told = {str(path.relative_to(ROOT)): dead_ends(path) for path in [*ours(), *(ROOT / "tests").rglob("*.py")]}
    del told[str(HERE.relative_to(ROOT))]
    assert {path: names for path, names in told.items() if names} == {}


def test_no_remark_points_to_a_section_of_something_that_is_not_here() -> None:
    """A section belongs to a page that is named with it."""
    for path in [*ours(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]:
        for text in remarks(path) if path != HERE else ():
            found = re.findall(r"\b(?:design|contract|spec|plan)\b[, ]+section|section \d+ of the \w+", text)
            assert found == [], f"{path.relative_to(ROOT)} points to {found}: which page of docs/ is that?"


def test_a_dead_end_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("See `domain/weg.py`, docs/architecture.md section 99 and `domain/posting.py`.")
    assert dead_ends(page) == ["domain/weg.py", "section 99 of docs/architecture.md"]


def test_the_map_names_every_folder_and_file_at_the_top() -> None:
    drawn = re.search(
        r"## 3\. Where things live\n\n```\n(.*?)```", (ROOT / "docs" / "architecture.md").read_text(), re.S
    )
    assert drawn
    words = set(re.findall(r"[\w.]+(?:\.py|/)", drawn[1]))
    folders = {
        f"{name.partition('/')[0]}/" for name in tracked() if "/" in name and not name.startswith((".", "docs/"))
    }
    programs = {name for name in tracked() if "/" not in name and name.endswith(".py")}
    assert folders | programs <= words
    assert {word for word in words if word.endswith("/")} - folders <= {"eboekhouden/"}, "the map names what is gone"


def codes() -> list[str]:
    """What the glossary calls code: the second column, and the states of a posting in docs/architecture.md."""
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)[2:]
    ticked = [name for row in rows for name in re.findall(r"`([\w.]+)", row)]
    plain = [one.strip() for row in rows for one in re.sub(r"`[^`]*`|\([^)`]*\)|[()]", "", row).split(",")]
    states = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "architecture.md").read_text(), re.MULTILINE)
    return [*ticked, *(one for one in plain if one not in {"", "–"}), *states]


def test_every_code_of_the_glossary_is_in_the_code() -> None:
    program = "\n".join(path.read_text().lower() for path in ours())
    assert len(codes()) > 40
    for code in codes():
        spellings = {code.lower(), code.lower().replace(" ", "_"), code.lower().replace(" ", "")}
        assert any(re.search(rf"\b{re.escape(one)}s?\b", program) or f"_{one}" in program for one in spellings), (
            f"the glossary calls something {code!r}; the code does not"
        )

"""The texts of the program and their translations: what is read where, and how the catalogues are written.

`make words` reads all texts anew into translations/, and lists what waits for a translation.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from domain.languages import DUTCH, LANGUAGES

ROOT = Path(__file__).parents[2]
# besides gettext's own names (N_ is one): a Message, and what forms and tables keep until they are shown
KEYWORDS = DEFAULT_KEYWORDS | {"msg": None, "_l": None}
HEADER = "# Texts of Crafter in another language. `make words` adds what is new and takes out what is gone.\n#"
OTHERS = tuple(language for language in LANGUAGES if language != DUTCH)


def place(language: str) -> Path:
    """Where the catalogue of a language stands."""
    return ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"


def texts() -> Catalog:
    """Every text of the program, without a translation."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog(charset="utf-8")
    rows = extract_from_dir(str(ROOT), methods, options, KEYWORDS)
    for name, line, text, _comments, _context in rows:
        found.add(text, locations=[(name, line)])
    return found


def translated(language: str) -> Catalog:
    """The catalogue of a language, as it stands."""
    with place(language).open("rb") as file:
        return read_po(file, locale=language)


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue so that a change of one text is a change of a few lines: in alphabetical order, without the
    numbers of lines, without the day."""
    catalogue.header_comment = HEADER
    catalogue.fuzzy = False
    lines = io.BytesIO()
    write_po(lines, catalogue, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    kept = [line for line in lines.getvalue().decode().splitlines() if not _of_the_day(line)]
    path.write_text("\n".join(kept).rstrip() + "\n")


def _of_the_day(line: str) -> bool:
    names = (
        "Project-Id",
        "Report-Msgid",
        "POT-Creation",
        "PO-Revision",
        "Last-Translator",
        "Language-Team",
        "Generated",
    )
    return line.startswith(tuple(f'"{name}' for name in names))


def messages(catalogue: Catalog) -> Iterator[Message]:
    """The messages of a catalogue, without its header."""
    return (message for message in catalogue if message.id)


def renew() -> int:
    """Bring every catalogue up to date with the program. Returns how many texts wait for a translation."""
    found, waiting = texts(), 0
    for language in OTHERS:
        path = place(language)
        catalogue = translated(language) if path.exists() else Catalog(locale=language, charset="utf-8")
        catalogue.update(found, no_fuzzy_matching=True)
        write(catalogue, path)
        empty = [message.id for message in messages(translated(language)) if not all(_strings(message))]
        waiting += len(empty)
        for text in empty:
            sys.stdout.write(f"{language}: {text}\n")
    return waiting


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


if __name__ == "__main__":
    count = renew()
    sys.stdout.write(
        f"{count} texts wait for a translation in translations/\n" if count else "Every text is translated.\n"
    )

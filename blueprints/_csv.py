"""Tables to download: semicolons and a byte order mark, as a Dutch spreadsheet opens them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from flask import Response, stream_with_context

from blueprints._doors import present_actor
from services.trail import exports

# A cell that begins with one of these, blanks aside, is run as a formula by a spreadsheet (the last four: East Asian).
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")
_AT_ONCE = 1 << 20  # characters


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BREAKS) or text.lstrip().startswith(_FORMULA) else text


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with this name (as_file), after that it is taken stands in the trail."""
    exports.taken(present_actor(), name)
    return as_file(name, head, rows)


def as_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with this name; no cell can be a formula.

    `rows` are taken one by one. A file of a megabyte is whole before its first byte leaves: what goes wrong is an error
    page, and the browser knows how far it is. A larger one leaves as it is made, for that may take minutes, which
    neither a person nor a proxy waits without a byte; what goes wrong then breaks the connection off, and a browser
    tells that as a download that failed and never as a file.
    """
    pieces = _pieces(head, rows)
    first, second = next(pieces), next(pieces, None)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if second is None:
        return Response(first, mimetype="text/csv", headers=headers)
    leaving = stream_with_context(chain((first, second), pieces))
    return Response(leaving, mimetype="text/csv", headers=headers)


def _pieces(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The file, so much at a time; at least one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    text.write("\ufeff")
    writer.writerow([_cell(value) for value in head])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if text.tell() >= _AT_ONCE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()

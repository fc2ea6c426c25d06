"""Tables to download: semicolons and a byte order mark, as a Dutch spreadsheet opens them."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence

from flask import Response
from werkzeug.wsgi import FileWrapper

from blueprints._doors import present_actor
from services.trail import exports

# A cell that begins with one of these, blanks aside, is run as a formula by a spreadsheet (the last four: East Asian).
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")
_IN_MEMORY = 1 << 20  # bytes of a file; what is larger is put together on disk


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BREAKS) or text.lstrip().startswith(_FORMULA) else text


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with this name (as_file), after that it is taken stands in the trail."""
    exports.taken(present_actor(), name)
    return as_file(name, head, rows)


def as_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with this name; no cell can be a formula.

    `rows` are taken one by one. The file is whole before its first byte leaves: what goes wrong is an error page and
    never half a file, the browser knows how far it is, and nobody's slow line keeps a transaction open.
    """
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY, mode="w+b")  # noqa: SIM115 # the response closes it
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";")
    text.write("\ufeff")
    writer.writerow([_cell(value) for value in head])
    writer.writerows([_cell(value) for value in row] for row in rows)
    length = file.tell()
    text.detach()
    file.seek(0)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "Content-Length": str(length),
    }
    return Response(FileWrapper(file, 1 << 16), mimetype="text/csv", headers=headers)

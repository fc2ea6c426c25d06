"""Flame graphs of the list page and of a press: where the processor time goes, by call stack.

python -m benchmarks.flames [FOLDER]: each is asked again and again in this process, on SQLite, and an alarm of the
processor's clock notes the stack every few milliseconds; so what is slow is not made slower by watching. The time of a
press at the play bookkeeping is not in it, for it is no processor time of ours.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from types import FrameType

from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from benchmarks.charts import draw
from benchmarks.figures import Figure
from benchmarks.profiling import PARTS, part_of
from benchmarks.stage import NUMBERED
from demo.fill import fill
from models import Location
from services.company import tenants
from settings import from_environment
from tenancy.database import db
from tests.support.cast import cookie_for, line, make_order
from tests.support.client import HTMX, HouseClient
from tests.support.sandbox_process import running_sandbox

Stack = tuple[tuple[str, str], ...]  # (file, function) from the outermost in
Box = tuple[int, tuple[str, str], int, int]  # the level, what, after how many samples it begins, and how many it has
EVERY = 0.001  # seconds of processor time; the kernel may make it four times that
_WIDTH, _ROW = 1200, 17
_COLOURS = ["e8a33d", "d9694f", "7fae4f", "4f8fae", "8f6fb0", "c9c04c", "6fb0a0", "a0703c", "bb5a8a", "5a7abb"]
_FROM = "full_dispatch_request"  # what is below it is the same for every page


@contextmanager
def sampled() -> Iterator[Counter[Stack]]:
    """The stacks of this thread while the processor works for it."""
    found: Counter[Stack] = Counter()

    def note(_number: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append((frame.f_code.co_filename, frame.f_code.co_qualname))
            frame = frame.f_back
        found[tuple(reversed(stack))] += 1

    before = signal.signal(signal.SIGPROF, note)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        yield found
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def graph(stacks: Counter[Stack], title: str, to: Path) -> None:
    """Draw them: as wide as its share, what is called above who calls."""
    tops = Counter[Stack]()
    for stack, times in stacks.items():
        names = [name for _file, name in stack]
        start = next((n for n, name in enumerate(names) if name.endswith(_FROM)), None)
        if start is not None:
            tops[stack[start:]] += times
    whole = sum(tops.values()) or 1
    boxes = list(_boxes(sorted(tops.items()), 0, whole, 0))
    height = (max((level for level, *_rest in boxes), default=0) + 4) * _ROW
    out = [f'<text x="6" y="14" font-size="13">{escape(title)} ({whole} samples)</text>']
    colours = {part: f"#{_COLOURS[n]}" for n, (part, _words) in enumerate(PARTS)}
    for n, (part, colour) in enumerate(colours.items()):
        out.append(f'<rect x="{6 + n * 118}" y="20" width="10" height="10" fill="{colour}"/>')
        out.append(f'<text x="{19 + n * 118}" y="29" font-size="10">{escape(part)}</text>')
    for level, (file, name), start, times in boxes:
        x, width, y = start / whole * _WIDTH, times / whole * _WIDTH, height - (level + 1) * _ROW
        colour = colours.get(part_of(file, name) or "", "#cccccc")
        label = f"{'/'.join(Path(file).parts[-2:])} {name}"
        out.append(
            f"<g><title>{escape(label)}: {times / whole:.1%}</title>"
            f'<rect x="{x:.1f}" y="{y}" width="{max(width - 0.4, 0.2):.1f}" height="{_ROW - 1}" fill="{colour}"/>'
            + (f'<text x="{x + 2:.1f}" y="{y + 12}">{escape(name[: int(width / 6.5)])}</text>' if width > 28 else "")
            + "</g>"
        )
    draw(to, _WIDTH, height, out)


def _boxes(stacks: list[tuple[Stack, int]], start: int, whole: int, level: int) -> Iterator[Box]:
    """What to draw of a level and above it, but for what would be too narrow to see."""
    at, n = start, 0
    while n < len(stacks):
        frame, first = stacks[n][0][level], n
        while n < len(stacks) and stacks[n][0][level] == frame:
            n += 1
        those = stacks[first:n]
        times = sum(many for _stack, many in those)
        if times / whole > 0.004:
            yield level, frame, at, times
            deeper = [one for one in those if len(one[0]) > level + 1]
            yield from _boxes(deeper, at, whole, level + 1)
        at += times


def measure(folder: Path, requests: int, orders: int) -> list[Figure]:
    """Sample both, draw them into a folder, and tell how many samples there are."""
    with tempfile.TemporaryDirectory() as place, running_sandbox(Path(place)) as sandbox:
        app = create_app(
            from_environment(
                {"CRAFTER_ENV": "trial", "DATA": place, "EBOEKHOUDEN_URL": sandbox.soap_url, "HTMX_SOURCE": "cdn"}
            )
        )
        with app.app_context():
            upgrade()
            fill(app.extensions["crafter"], lambda _text: None)
            signed = cookie_for("eigenaar@installatie.example", app.config["SECRET_KEY"])
            actor = tenants.process("installatie", "Meting")
            sites = db.session.execute(select(Location.id, Location.relation_id)).all()
            lines = tuple(line(description=f"Regel {n}") for n in range(1, 6))
            made = [make_order(actor, sites[n % len(sites)][1], lines=lines, **NUMBERED) for n in range(orders)]
            client = HouseClient(app, app.response_class)
            client.csrf = signed.csrf
            client.set_cookie("crafter_session", signed.token)

            def press(order_id: object) -> int:
                return client.post(f"/t/installatie/work-orders/{order_id}/approve", headers=HTMX).status_code

            def list_(_turn: object) -> int:
                return client.get("/t/installatie/work-orders/").status_code

            todo: tuple[tuple[str, str, Callable[[object], int], Iterable[object]], ...] = (
                ("list", "the list of work orders", list_, range(requests)),
                ("press", "Gecontroleerd: the invoice posted, the strook as answer", press, made),
            )
            figures = []
            for name, title, work, over in todo:
                first, *others = over
                work(first)
                with sampled() as stacks:
                    statuses = {work(one) for one in others}
                assert statuses == {200}, statuses
                graph(stacks, title, folder / f"flames-{name}.svg")
                figures.append(Figure(f"flame graph: {title}", sum(stacks.values()), "samples"))
            tenants.leave()
            db.engine.dispose()
        app.extensions["crafter"].bookkeeping.close()
    return figures


if __name__ == "__main__":
    measure(Path(sys.argv[1] if len(sys.argv) > 1 else "."), 300, 300)

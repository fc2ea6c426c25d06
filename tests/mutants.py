"""`make mutants`: changes the rules and the posting services in small ways, and counts what no test notices.

mutmut makes every change it knows, some thousands; a seeded draw of them is tried, so that two runs with the same
MUTANTS and SEED try the same ones. Each is given to the tests that enter the changed function, until one is red. Ends
with a table by file and every change that no test noticed as a difference: to be mended by a test, or explained in
docs/mutants.md. PART=domain or PART=services tries one of the two only; ONLY="name name" tries those again, by the
names that a run printed. Everything happens in a copy of the tree.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.standing import standing

ROOT = Path(__file__).parents[1]
NOTICED, UNNOTICED, UNDECIDED = "noticed", "unnoticed", "undecided"
# What mutmut calls it: what it is to us. A change that ends in a time limit may have been noticed by the clock only,
# and a busy machine reaches that too: it is counted with neither.
MEANS = {"killed": NOTICED, "survived": UNNOTICED, "no tests": UNNOTICED}
FLOOR, FLOOR_FROM = 85, 100  # percent noticed, asked for when so many were decided; it only rises
_LINE = re.compile(r"^\s+([\w.]+__mutmut_\d+): (.+)$", re.MULTILINE)
# The words of a message may change without a test noticing: tests look at meaning.
_LEFT_OUT = (r"msg\(", r"\blog\.")


@dataclass(frozen=True)
class Part:
    """What is changed, by which tests that is to be noticed, and how many are tried at once. `standing`: they need the
    sandbox and the cast, of which there is one; `without`: tests that would end that sandbox, or that see real seconds
    pass, which on a busy machine are no proof."""

    source: str
    tests: tuple[str, ...]
    at_once: int
    standing: bool = False
    without: tuple[str, ...] = ()


PARTS = {
    "domain": Part("domain", ("tests/domain", "tests/model/test_breaks.py"), at_once=2),
    "services": Part(
        "services/invoicing",
        (
            "tests/services/test_invoicing.py", "tests/services/test_conflicts.py", "tests/services/test_locks.py",
            "tests/services/test_bulk.py", "tests/services/test_numbers.py", "tests/services/test_number_taken.py",
            "tests/services/test_connection.py", "tests/services/test_the_link_changed_meanwhile.py",
            "tests/services/test_what_is_written.py",
        ),
        at_once=1,
        standing=True,
        without=(
            "tests/services/test_bulk.py::test_when_nothing_can_be_reached_the_job_stops_after_three",
        ),
    ),
}  # fmt: skip


def draw(names: Iterable[str], number: int, seed: int) -> list[str]:
    """So many of them, the same ones for the same seed in whatever order they come; all when there are fewer."""
    ordered = sorted(names)
    return sorted(random.Random(seed).sample(ordered, min(number, len(ordered))))


def file_of(name: str) -> str:
    """domain.posting.x_may_send__mutmut_3 → domain/posting.py"""
    return name.rpartition(".")[0].replace(".", "/") + ".py"


def counted(chosen: Iterable[str], came: Mapping[str, str]) -> dict[str, Counter[str]]:
    """By file: how many of the chosen changes were noticed, unnoticed, undecided. What nothing came of is undecided."""
    table: dict[str, Counter[str]] = {}
    for name in chosen:
        table.setdefault(file_of(name), Counter())[MEANS.get(came.get(name, ""), UNDECIDED)] += 1
    return table


def score(counts: Mapping[str, int]) -> float:
    """Percent noticed of what was decided; 0 when nothing was."""
    decided = counts.get(NOTICED, 0) + counts.get(UNNOTICED, 0)
    return 100 * counts.get(NOTICED, 0) / decided if decided else 0.0


class Copy:
    """A copy of the tree in which mutmut changes one part."""

    def __init__(self, part: Part, folder: Path, options: tuple[str, ...] = ()) -> None:
        self.part, self.folder = part, folder
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        for name in listed:
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        beside = sorted({name.split("/")[0] for name in listed} - {"tests", "pyproject.toml"})
        settings = {
            "source_paths": [part.source],
            "also_copy": beside,
            "do_not_mutate_patterns": _LEFT_OUT,
            "pytest_add_cli_args": [
                "-n",
                "0",
                "--timeout",
                "300",
                *options,
                *(f"--deselect={one}" for one in part.without),
            ],
            "pytest_add_cli_args_test_selection": part.tests,
            "timeout_multiplier": ["3"],
            "timeout_constant": ["60" if part.standing else "10"],
            "track_dependencies": ["false"],
            "use_git_change_detection": ["false"],
        }
        lines = [f"{name} =" + "".join(f"\n    {value}" for value in values) for name, values in settings.items()]
        (folder / "setup.cfg").write_text("[mutmut]\n" + "\n".join(lines) + "\n")

    def mutmut(self, *words: str) -> str:
        """What mutmut says."""
        program = Path(sys.executable).with_name("mutmut")
        done = subprocess.run(
            [str(program), *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False,
        )  # fmt: skip
        return done.stdout

    def came(self) -> dict[str, str]:
        """Every change, and in mutmut's words what came of it so far."""
        return dict(_LINE.findall(self.mutmut("results", "--all", "true")))

    def make(self) -> list[str]:
        """Make the changes and learn which test enters which function; no change is tried. Their names."""
        said = self.mutmut("run", "no.such.change")
        if not (self.folder / "mutants" / "mutmut-stats.json").exists():
            raise SystemExit(f"the tests do not pass as they are:\n{said[-3000:]}")
        return list(self.came())

    def attempt(self, chosen: list[str]) -> dict[str, str]:
        """Try these; what came of them."""
        if chosen:
            self.mutmut("run", "--max-children", str(self.part.at_once), *chosen)
        return self.came()


@contextmanager
def copies(parts: Iterable[str]) -> Iterator[dict[str, Copy]]:
    """A copy of the tree for each part, with what its tests need standing beside it."""
    with ExitStack() as stack:
        made = {}
        for name in parts:
            part, options = PARTS[name], ()
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crafter-mutants-")))
            if part.standing:
                (folder / "standing").mkdir()
                stack.enter_context(standing(folder / "standing"))
                options = ("--standing", str(folder / "standing"))
            (folder / "tree").mkdir()
            made[name] = Copy(part, folder / "tree", options)
        yield made


def main() -> int:
    """Draw, try, tell. 1 when fewer were noticed than the floor asks for."""
    number, seed = int(os.environ.get("MUTANTS") or 300), int(os.environ.get("SEED") or 2026)
    wanted = os.environ.get("PART") or ""
    if wanted and wanted not in PARTS:
        raise SystemExit(f"PART is one of {', '.join(PARTS)}, not {wanted}")
    total: Counter[str] = Counter()
    with copies([wanted] if wanted else PARTS) as made:
        names = {part: copy.make() for part, copy in made.items()}
        known = [name for each in names.values() for name in each]
        again = set((os.environ.get("ONLY") or "").split())
        chosen = sorted(again & set(known)) if again else draw(known, number, seed)
        print(f"{len(chosen)} of {len(known)} changes, {'again' if again else f'seed {seed}'}", flush=True)
        for part, copy in made.items():
            ours = sorted(set(chosen) & set(names[part]))
            came = copy.attempt(ours)
            for file, counts in sorted(counted(ours, came).items()):
                total += counts
                print(f"{file:42}" + "  ".join(f"{counts[what]:4} {what}" for what in (NOTICED, UNNOTICED, UNDECIDED)))
            for name in ours:
                if MEANS.get(came.get(name, "")) != NOTICED:
                    print(copy.mutmut("show", name), flush=True)
    decided = total[NOTICED] + total[UNNOTICED]
    print(f"{total[NOTICED]} of {decided} noticed: {score(total):.0f} %; {total[UNDECIDED]} undecided")
    return int(decided >= FLOOR_FROM and score(total) < FLOOR)


if __name__ == "__main__":
    sys.exit(main())

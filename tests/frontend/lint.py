"""`python -m tests.frontend.lint`: eslint and stylelint over our scripts and style sheets; 1 when they find a fault.

With `--fix` they mend what they can.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.frontend.node import HERE, MODULES, ROOT, Done, install, node

SCRIPTS = ("static/js", "tests/frontend")
SHEETS = ("static/css/*.css", "sandbox/static/*.css")


def eslint(*what: str, given: str | None = None) -> Done:
    """eslint by our rules, from the root of the project."""
    return _linter("eslint/bin/eslint.js", "eslint.config.js", what, given)


def stylelint(*what: str, given: str | None = None) -> Done:
    """stylelint by our rules, from the root of the project."""
    return _linter("stylelint/bin/stylelint.mjs", "stylelint.config.js", what, given)


def _linter(program: str, rules: str, what: Sequence[str], given: str | None) -> Done:
    return node(str(MODULES / program), "--config", str(HERE / rules), *what, given=given, folder=ROOT)


def main() -> int:
    """Install what is missing, run both, say what they found."""
    if trouble := install():
        print(trouble, file=sys.stderr)
        return 1
    how = ["--max-warnings=0", *(["--fix"] if "--fix" in sys.argv[1:] else [])]
    found = [eslint(*how, *SCRIPTS), stylelint(*how, *SHEETS)]
    for done in found:
        print(done.stdout + done.stderr, end="", file=sys.stderr)
    return int(any(done.returncode for done in found))


if __name__ == "__main__":
    sys.exit(main())

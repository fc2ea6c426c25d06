"""The linters look at everything of ours, by our rules, and turn red."""

from __future__ import annotations

import json

import pytest

from tests.frontend.lint import SCRIPTS, SHEETS, eslint, stylelint
from tests.frontend.node import LOCK, ROOT, install


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    assert install() == ""


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("export const total = (a, b) => a == b;", "eqeqeq"),
        ("export const run = (text) => window.eval(text);", "no-eval"),
        ('document.body.innerHTML = "<b>hi</b>";', "no-restricted-properties"),
        ("totl(1);", "no-undef"),
        ("const left = 1;", "no-unused-vars"),
        ('console.log("here");', "no-console"),
        ("export const cents = 9007199254740993;", "no-loss-of-precision"),
    ],
)
def test_a_bad_line_of_script_is_red(line: str, rule: str) -> None:
    done = eslint("--stdin", "--stdin-filename", "static/js/planted.js", given=line + "\n")
    assert (done.returncode, rule in done.stdout) == (1, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("p { colour: #fff; }", "property-no-unknown"),
        ("p { color: #ggg; }", "color-no-invalid-hex"),
        ("p { color: red; }", "color-named"),
        ("p { margin: 0; margin: 1px; }", "declaration-block-no-duplicate-properties"),
        ("p { margin: 0; } p { padding: 0; }", "no-duplicate-selectors"),
        ("p { background: url(data:image/png;base64,AA); }", "function-url-scheme-disallowed-list"),
        ('@import "more.css";', "at-rule-disallowed-list"),
        ("p {}", "block-no-empty"),
    ],
)
def test_a_bad_line_of_style_is_red(line: str, rule: str) -> None:
    done = stylelint("--stdin-filename", "static/css/planted.css", given=line + "\n")
    assert (done.returncode, rule in done.stderr) == (2, True), done.stdout + done.stderr


def test_every_script_and_style_sheet_of_ours_is_looked_at() -> None:
    looked = {path for folder in SCRIPTS for path in (ROOT / folder).glob("*.js")}
    looked |= {path for pattern in SHEETS for path in ROOT.glob(pattern)}
    outside = ("static/vendor", "node_modules", ".venv", "instance", "tests/output")
    ours = {
        path
        for kind in ("js", "css")
        for top in ROOT.iterdir()
        if top.is_dir() and not top.name.startswith(".")
        for path in top.rglob(f"*.{kind}")
        if not any(name in str(path.relative_to(ROOT)) for name in outside)
    }
    assert ours == looked


def test_check_runs_the_linters() -> None:
    steps = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert "tests.frontend.lint" in steps


def test_what_npm_brings_is_pinned_by_its_hash_and_names_no_registry() -> None:
    packages = {name: entry for name, entry in json.loads(LOCK.read_text())["packages"].items() if name}
    assert {name for name, entry in packages.items() if not entry.get("integrity")} == set()
    assert {name for name, entry in packages.items() if "resolved" in entry} == set()

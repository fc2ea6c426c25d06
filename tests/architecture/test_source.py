"""Rules on the source itself."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "web",
    "blueprints",
    "jobs",
    "services",
    "oversight",
    "gateways",
    "models",
    "tenancy",
    "domain",
    "sandbox",
    "demo",
)
ROOT_FILES = ("app.py", "cli.py", "data_folder.py", "defaults.py", "modes.py", "settings.py", "run.py")
MAX_LINES = 400
MAX_VIEW_LINES = 25
MAX_TEMPLATE_LINES = 160
MAX_WIDTH = 160  # of a line in a template, a style sheet or a script


def sources(*rooms: str) -> Iterator[Path]:
    """The Python files of some rooms."""
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def ours() -> list[Path]:
    """Every Python file of the product."""
    return [*sources(*ROOMS), *(ROOT / name for name in ROOT_FILES)]


def short(path: Path) -> str:
    """A path as it is said."""
    return str(path.relative_to(ROOT))


def test_a_module_is_at_most_400_lines_and_says_what_it_holds() -> None:
    for path in [*ours(), *sources("tests")]:
        text = path.read_text()
        assert text.count("\n") <= MAX_LINES, f"{short(path)} wants to become a folder of smaller modules"
        assert ast.get_docstring(ast.parse(text)), f"{short(path)} needs a docstring that says what it holds"


def test_public_functions_and_classes_have_a_docstring() -> None:
    missing = []
    for path in sources(*(set(ROOMS) - {"sandbox"})):
        for node in ast.parse(path.read_text()).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                missing.append(f"{short(path)}:{node.lineno} {node.name}")
    assert missing == [], "say what goes in and out"


def test_no_module_is_named_after_nothing() -> None:
    for path in ours():
        assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}, (
            f"{short(path)}: name what it is about"
        )


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every call in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_only_services_commit() -> None:
    for path in sources(*(set(ROOMS) - {"services", "sandbox"})):
        for line, name in calls(path):
            assert not name.endswith(".commit"), f"{short(path)}:{line} commits; call a service that does"


def test_only_the_transaction_door_and_what_hardly_waits_commit() -> None:
    allowed = {"services/transaction.py", "services/people/login_sessions.py", "services/heartbeat.py"}
    for path in sources("services"):
        for line, name in calls(path):
            assert short(path) in allowed or not name.endswith(".commit"), (
                f"{short(path)}:{line}: use write_transaction()"
            )


def test_nothing_passes_the_fence_by() -> None:
    """Core tables, raw SQL and bulk writes are not seen by the fence (tenancy/fence.py)."""
    forbidden = re.compile(r"\b(__table__|from_statement|bulk_save_objects|bulk_insert_mappings|exec_driver_sql)\b")
    for path in sources("web", "blueprints", "jobs", "services", "oversight", "demo"):
        for number, text in enumerate(path.read_text().splitlines(), 1):
            assert not forbidden.search(text), f"{short(path)}:{number} passes the tenant fence by; use select(Model)"
        for line, name in calls(path):
            assert name not in {"text", "sa.text", "sqlalchemy.text"}, (
                f"{short(path)}:{line}: no raw SQL; use select(Model)"
            )
            if name.endswith(".connection"):
                allowed = {"services/transaction.py", "services/people/login_sessions.py"}
                assert short(path) in allowed, f"{short(path)}:{line}: a bare connection passes the fence by"


def imported(path: Path) -> Iterator[str]:
    """Modules a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_composition_root_names_the_vendor() -> None:
    for path in ours():
        if short(path) in {"app.py", "cli.py"} or short(path).startswith("gateways/eboekhouden/"):
            continue
        vendor = [name for name in imported(path) if name.startswith("gateways.eboekhouden")]
        assert vendor == [], f"{short(path)}: speak to the port, gateways/bookkeeping.py"


def test_zeep_stays_inside_the_gateway() -> None:
    for path in ours():
        if not short(path).startswith("gateways/eboekhouden/"):
            assert not [n for n in imported(path) if n.split(".")[0] == "zeep"], f"{short(path)}: ask the gateway"


def test_htmx_headers_stay_in_one_module() -> None:
    for path in sources("web", "blueprints", "services"):
        if path.name == "_hypermedia.py":
            continue
        found = re.findall(r"[\"']HX-[A-Za-z-]+[\"']", path.read_text())
        assert found == [], f"{short(path)} handles {found}; blueprints/_hypermedia.py is their home"


def test_a_view_is_thin() -> None:
    for path in sources("blueprints"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("blueprint." in ast.unparse(d) for d in node.decorator_list):
                body = (node.end_lineno or 0) - node.body[0].lineno + 1
                assert body <= MAX_VIEW_LINES, (
                    f"{short(path)}:{node.lineno} {node.name} is {body} lines; move work down"
                )


def test_the_product_imports_neither_tests_nor_benchmarks() -> None:
    for path in ours():
        found = [name for name in imported(path) if name.split(".")[0] in {"tests", "benchmarks"}]
        assert found == [], f"{short(path)}: what only proves or measures is not shipped"


def test_the_portal_knows_nothing_of_the_worker() -> None:
    """The worker makes an app; an app that imported the worker back would make a circle."""
    for path in [ROOT / "app.py", ROOT / "cli.py", *sources("web", "blueprints")]:
        assert not [name for name in imported(path) if name.split(".")[0] == "jobs"], short(path)


def test_settings_reach_code_one_way_with_the_other_dependencies() -> None:
    for path in ours():
        assert 'config["SETTINGS"]' not in path.read_text(), f"{short(path)}: deps().settings, or an argument"
        names = {name.removeprefix("settings.") for name in imported(path) if name.startswith("settings.")}
        if path.parent != ROOT and "jobs" not in path.parts:
            assert "from_environment" not in names, f"{short(path)}: only a process that starts reads the environment"


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_keeps_the_content_security_policy_and_its_size(path: Path) -> None:
    text = path.read_text()
    plain = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    assert not re.search(r"\sstyle\s*=", plain), "no style attributes: use a class"
    assert "hx-on" not in plain, "hx-on needs eval: listen in static/js/crafter.js"
    assert not re.search(r"[\"']js:", plain), "js: values need eval"
    assert not re.search(r"hx-trigger\s*=\s*[\"'][^\"']*\[", plain), "trigger filters need eval"
    assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))", plain), "no inline script"
    assert "|safe" not in plain.replace(" ", ""), "never switch escaping off"
    assert text.count("\n") <= MAX_TEMPLATE_LINES, "split it into fragments"


def too_wide(text: str) -> list[int]:
    """The numbers of the lines that do not fit."""
    return [number for number, line in enumerate(text.splitlines(), 1) if len(line) > MAX_WIDTH]


def test_a_line_of_a_template_a_style_sheet_or_a_script_fits_on_the_screen() -> None:
    seen = [*TEMPLATES, *(ROOT / "static" / "css").glob("*.css"), *(ROOT / "static" / "js").glob("*.js")]
    assert {path.suffix for path in seen} == {".html", ".css", ".js"}
    assert too_wide("é" * MAX_WIDTH + "\n" + "x" * (MAX_WIDTH + 1)) == [2]
    assert {short(path): too_wide(path.read_text()) for path in seen if too_wide(path.read_text())} == {}


def test_a_message_of_more_than_one_line_is_trimmed_before_it_is_looked_up() -> None:
    """Otherwise the indentation of the template would be part of what is translated."""
    for path in TEMPLATES:
        for head, body in re.findall(r"\{%-? trans (.*?)%\}(.*?)\{%-? endtrans", path.read_text(), flags=re.S):
            assert "\n" not in body or head.startswith("trimmed "), f"{short(path)}: {{% trans trimmed %}}"


def test_no_path_of_this_machine_is_in_the_tree() -> None:
    """Where somebody's checkout or home lies has no place in the project."""
    temporary = Path(tempfile.gettempdir())
    places = {f"{place}/" for place in (ROOT.parent, Path.home()) if len(place.parts) > 1 and place != temporary}
    pattern = re.compile(r"(?<![\w.])(" + "|".join(re.escape(place) for place in sorted(places)) + ")")
    for path in [*ours(), *sources("tests"), *ROOT.glob("*.txt"), *ROOT.glob("*.toml"), *ROOT.glob("*.md")]:
        if path == Path(__file__):
            continue
        found = pattern.search(path.read_text())
        assert not found, f"{short(path)} names {found and found.group()}"

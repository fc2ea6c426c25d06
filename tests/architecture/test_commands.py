"""Every command of the documents has a row in tests/commands/rows.py, and every row a command."""

from __future__ import annotations

from tests.commands.documents import all_commands, commands_in, documents
from tests.commands.rows import AS_IT_STANDS, FILLED, ROWS, SHORT, SUITE


def test_every_command_of_the_documents_is_typed_by_a_test() -> None:
    missing = {command: where for command, where in all_commands().items() if command not in ROWS}
    assert missing == {}, "give each a row in tests/commands/rows.py and type it in a scene of test_commands.py"


def test_every_row_is_a_command_that_a_document_has() -> None:
    assert set(ROWS) - set(all_commands()) == set()


def test_a_row_says_how_it_is_typed_and_only_the_suite_has_no_scene() -> None:
    for command, row in ROWS.items():
        assert row.kind in {AS_IT_STANDS, SHORT, FILLED, SUITE}
        assert bool(row.scene) is (row.kind != SUITE), command
        assert (row.typed != "") is (row.kind in {SHORT, FILLED}), command


def test_a_short_variable_is_one_that_a_document_tells_of() -> None:
    told = "\n".join(path.read_text() for path in documents())
    for command, row in ROWS.items():
        if row.kind == SHORT:
            assert f"`{row.typed.split()[-1]}`" in told or f"({row.typed.split()[-1]}" in told, command


def test_commands_are_found_in_blocks_and_between_words() -> None:
    text = """Run `make run
PORT=1`, see http://127.0.0.1:8000, not `python3` or `row.state`.

```
make test    # all of it
A=1 flask --app app db upgrade
some output
```

```text
make believe
```
"""
    assert commands_in(text) == {
        "make run PORT=1",
        "http://127.0.0.1:8000",
        "make test",
        "A=1 flask --app app db upgrade",
    }

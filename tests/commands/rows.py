"""The table: how each command of the documents is typed, and in which scene. A command in no row fails, and a row that
no document has fails (tests/architecture/test_commands.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass

AS_IT_STANDS = "as it stands"
SHORT = "with a documented short variable"
FILLED = "with its placeholder filled"
SUITE = "is the suite itself"


@dataclass(frozen=True)
class Row:
    """How a command is typed: `typed` is the pattern of the whole line (the command itself when left out), `scene` the
    function in test_commands.py that types it."""

    kind: str
    scene: str = ""
    typed: str = ""

    def was_typed(self, command: str, lines: list[str]) -> bool:
        """Whether it stands among what was typed."""
        wanted = re.compile(self.typed or re.escape(command))
        return any(wanted.fullmatch(line) for line in lines)


_PRODUCTION_URL = r"DATABASE_URL='postgresql\+psycopg://crafter_owner:@\S+' "
ROWS: dict[str, Row] = {
    "make": Row(AS_IT_STANDS, "make_alone"),
    "make run": Row(AS_IT_STANDS, "make_run"),
    "http://127.0.0.1:8000": Row(AS_IT_STANDS, "make_run"),
    "http://127.0.0.1:8099": Row(AS_IT_STANDS, "make_run"),
    "make run PORT=8001 SANDBOX_PORT=8100 DATA=elsewhere": Row(AS_IT_STANDS, "some_variables"),
    "make demo-reset": Row(AS_IT_STANDS, "demo_reset"),
    "flask db upgrade": Row(AS_IT_STANDS, "demo_reset"),
    "make test": Row(SUITE),
    "make test T=tests/domain": Row(SUITE),
    "FUZZ=20000 make test T=tests/postgres/test_fuzz.py": Row(SUITE),
    "make fast": Row(SUITE),
    "make test-many": Row(SUITE),
    "make test-many RUNS=utc": Row(SUITE),
    "make test-postgres": Row(SUITE),
    "make check": Row(SUITE),
    "make test T=tests/services/test_invoicing.py": Row(SUITE),
    "python -m benchmarks.capacity": Row(AS_IT_STANDS, "longer_checks"),
    "python -m tests.trips": Row(AS_IT_STANDS, "longer_checks"),
    "make fix": Row(AS_IT_STANDS, "longer_checks"),
    "make hooks": Row(AS_IT_STANDS, "longer_checks"),
    "make torture": Row(SHORT, "longer_checks", "make torture FAULTS=20"),
    "make torture FAULTS=400": Row(SHORT, "longer_checks", "make torture FAULTS=20"),
    "make cluster": Row(SHORT, "longer_checks", "make cluster ORDERS=60"),
    "make failover": Row(SHORT, "longer_checks", "make failover ORDERS=60"),
    "make model-check": Row(SHORT, "longer_checks", "make model-check WORLDS=1"),
    "make words": Row(AS_IT_STANDS, "longer_checks"),
    "make mutants": Row(SHORT, "longer_checks", "make mutants PART=domain MUTANTS=20"),
    "make benchmark": Row(SHORT, "longer_checks", "make benchmark SIZE=1000"),
    "python -m benchmarks.list_page --rounds ROUNDS": Row(
        FILLED, "longer_checks", r"python -m benchmarks\.list_page --rounds \d+"
    ),
    "python -m benchmarks.sync --size SIZE": Row(FILLED, "longer_checks", r"python -m benchmarks\.sync --size \d+"),
    "python -m benchmarks.hanging": Row(AS_IT_STANDS, "longer_checks"),
    "python -m benchmarks.press --rounds ROUNDS": Row(
        FILLED, "longer_checks", r"python -m benchmarks\.press --rounds \d+ --presses \d+"
    ),
    "make check-clients": Row(AS_IT_STANDS, "play_bookkeeping"),
    "make check-wsdl REFERENCE=<file>": Row(FILLED, "play_bookkeeping", r"make check-wsdl REFERENCE=\S+"),
    "make check-wsdl REFERENCE=file": Row(FILLED, "play_bookkeeping", r"make check-wsdl REFERENCE=\S+"),
    "python -m sandbox --state FILE": Row(FILLED, "play_bookkeeping", r"python -m sandbox --state \S+"),
    "python -m sandbox --state FILE [--port 8099] [--latency-ms 0] [--session-minutes 30]": Row(
        FILLED, "play_bookkeeping", r"python -m sandbox --state \S+ --port 8099 --latency-ms 0 --session-minutes 30"
    ),
    "flask --app app e-boekhouden check --endpoint <address> --username <user>": Row(
        FILLED, "play_bookkeeping", r"flask --app app e-boekhouden check --endpoint \S+ --username demo"
    ),
    "flask --app app db upgrade": Row(AS_IT_STANDS, "production"),
    "flask --app app database grant --role <name>": Row(
        FILLED, "production", "flask --app app database grant --role crafter_app"
    ),
    "flask database grant --role crafter": Row(FILLED, "production", "flask database grant --role crafter_app"),
    "DATABASE_URL=postgresql+psycopg://crafter_owner:…@host/crafter flask --app app db upgrade": Row(
        FILLED, "production", _PRODUCTION_URL + "flask --app app db upgrade"
    ),
    "DATABASE_URL=postgresql+psycopg://crafter_owner:…@host/crafter flask --app app database grant --role crafter": Row(
        FILLED, "production", _PRODUCTION_URL + "flask --app app database grant --role crafter_app"
    ),
    "flask --app app database distribute": Row(AS_IT_STANDS, "production"),
    "flask --app app database move --to postgresql+psycopg://crafter_owner:…@host/crafter": Row(
        FILLED, "production", r"flask --app app database move --to 'postgresql\+psycopg://crafter_owner:@\S+'"
    ),
    "flask --app app tenant create <slug> --owner <mail>": Row(
        FILLED, "production", r"flask --app app tenant create jansen --owner baas@jansen\.example"
    ),
    "flask --app app support create <mail>": Row(
        FILLED, "production", r"flask --app app support create nina@crafter\.example"
    ),
    "flask --app app support end <mail>": Row(
        FILLED, "production", r"flask --app app support end nina@crafter\.example"
    ),
    "flask --app app support reset-factor <mail>": Row(
        FILLED, "production", r"flask --app app support reset-factor nina@crafter\.example"
    ),
    "gunicorn 'app:create_app()'": Row(AS_IT_STANDS, "production"),
    "python -m jobs": Row(AS_IT_STANDS, "production"),
    "python3 -c 'import secrets; print(secrets.token_hex(32))'": Row(AS_IT_STANDS, "production"),
    "flask --app app keys rotate": Row(AS_IT_STANDS, "production"),
    "flask --app app keys status": Row(AS_IT_STANDS, "production"),
    "flask keys rotate": Row(AS_IT_STANDS, "production"),
    "flask database grant --role <name>": Row(FILLED, "production", "flask database grant --role crafter_app"),
    "flask backup": Row(AS_IT_STANDS, "production"),
    "flask restore <file>": Row(FILLED, "production", r"flask restore \S+\.zip --replace"),
    "flask audit verify": Row(AS_IT_STANDS, "production"),
    "flask audit verify [--tenant slug]": Row(FILLED, "production", "flask audit verify --tenant jansen"),
}

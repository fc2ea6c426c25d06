"""A real play e-Boekhouden.nl in a process of its own, and a small client for its control API."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 20
_END_SECONDS = 5
# loopback is never reached through a proxy, whatever the environment says
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Sandbox:
    """A sandbox over HTTP. It can be stopped and started again on the same port and state."""

    def __init__(self, state_dir: Path, *options: str, port: int = 0) -> None:
        self.state_path = Path(state_dir) / "sandbox.sqlite3"
        self.port = port
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def soap_url(self) -> str:
        """Where it takes SOAP calls."""
        return f"{self.url}/soap.asmx"

    @property
    def pid(self) -> int:
        """The process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError when it does not come up."""
        log = (self.state_path.parent / "sandbox.log").open("a")
        command = [sys.executable, "-m", "sandbox", "--port", str(self.port), "--state", str(self.state_path)]
        with log:
            self._process = subprocess.Popen(
                [*command, *self._options], cwd=_ROOT, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if "ready on" not in line:
            raise RuntimeError(f"the sandbox did not start: {log.name}")
        self.port = int(line.rsplit(":", 1)[1])
        self._wait_for_health()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it with a signal (SIGKILL for a crash); its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            if process.stdout:
                process.stdout.close()

    def restart(self) -> None:
        """Stop it and start it again on the same port with the same state."""
        self.stop()
        self.start()

    # -- the control API -----------------------------------------------------------------------------

    def administrations(self) -> list[dict[str, str]]:
        """name, company, place, username, code1, code2 of each administration."""
        return self.control("GET", "administrations")

    def credentials(self, administration: str) -> dict[str, str]:
        """The entry of one administration."""
        return next(entry for entry in self.administrations() if entry["name"] == administration)

    def invoices(self, administration: str) -> list[dict[str, Any]]:
        """The invoices in its books with their lines; amounts and dates are text."""
        return self.control("GET", f"{administration}/invoices")

    def remove_invoice(self, administration: str, number: str) -> None:
        """Take an invoice out of the books."""
        self.control("DELETE", f"{administration}/invoices/{quote(number, safe='')}")

    def add_invoice(self, administration: str, **fields: Any) -> dict[str, Any]:
        """Somebody over there makes an invoice by hand (cFactuur names); it as the books have it."""
        return self.control("POST", f"{administration}/invoices", fields)

    def edit_invoice(self, administration: str, number: str, **changes: Any) -> dict[str, Any]:
        """Somebody over there edits it: Factuurnummer, Datum, Relatiecode, Regels, …; it as it is then."""
        return self.control("PUT", f"{administration}/invoices/{quote(number, safe='')}", changes)

    def with_invoice(self, administration: str, number: str, deed: str, **wish: Any) -> dict[str, Any]:
        """Somebody over there does something with it: copy, book or payment; what comes of it."""
        return self.control("POST", f"{administration}/invoices/{quote(number, safe='')}/{deed}", wish)

    def swap_relation_codes(self, administration: str, one: str, other: str) -> None:
        """Somebody over there gives two relations each other's code."""
        self.relations(administration, {"recode": {one: other, other: one}})

    def articles(self, administration: str, wish: Any = None) -> Any:
        """Its articles, or (with a wish) change them: a list, {"add": …}, {"remove": …}, {"recode": …}."""
        path = f"{administration}/articles"
        return self.control("GET", path) if wish is None else self.control("PUT", path, wish)

    def take_moment(self, administration: str) -> int:
        """Remember how its books stand; what to go back to."""
        return int(self.control("POST", f"{administration}/moments")["id"])

    def go_back(self, administration: str, moment: int) -> None:
        """Put its books back to how they stood at a moment, as from an older copy."""
        self.control("POST", f"{administration}/moments/{moment}/restore")

    def calls(self, administration: str, operation: str | None = None) -> list[dict[str, Any]]:
        """The calls that came in, oldest first: operation, sent, answered, acted, code, mischief."""
        calls = self.control("GET", f"{administration}/calls")
        return [call for call in calls if operation in (None, call["operation"])]

    def mischief(self, administration: str, rules: list[dict[str, Any]]) -> None:
        """Replace its rules of mischief, for instance [{"kind": "slow", "operation": "AddFactuur"}]."""
        self.control("PUT", f"{administration}/mischief", rules)

    def act_now(self) -> None:
        """Whatever acts late acts now."""
        self.control("POST", "late")

    def mischief_left(self, administration: str) -> list[dict[str, Any]]:
        """The rules that are not used up."""
        return self.control("GET", f"{administration}/mischief")

    def clear_mischief(self, administration: str) -> None:
        """End all mischief of an administration."""
        self.control("DELETE", f"{administration}/mischief")

    def switches(self, administration: str, **switches: Any) -> dict[str, Any]:
        """Turn switches; how they all stand afterwards."""
        return self.control("PUT", f"{administration}/switches", switches)

    def relations(self, administration: str, wish: Any = None) -> Any:
        """Its relations, or (with a wish) change them: a list, {"add": …}, {"remove": …}, {"generate": n}."""
        path = f"{administration}/relations"
        return self.control("GET", path) if wish is None else self.control("PUT", path, wish)

    def mutations(self, administration: str) -> list[dict[str, Any]]:
        """The mutations in its books; amounts and dates are text."""
        return self.control("GET", f"{administration}/mutations")

    def change_password(self, administration: str) -> str:
        """Its user chose another password; the new security code 1 (the old one is refused from now on)."""
        return self.control("PUT", f"{administration}/password")["code1"]

    def used_calls(self, administration: str, number: int) -> None:
        """Say how many GetMutaties calls this month has seen (5,000 are allowed)."""
        self.control("PUT", f"{administration}/usage", {"calls": number})

    def reset(self, administration: str | None = None) -> None:
        """Everything, or one administration, back to the seed; mischief and sessions end too."""
        self.control("POST", "reset", {"administration": administration} if administration else None)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control API. Raises urllib.error.HTTPError for a refusal."""
        request = urllib.request.Request(
            f"{self.url}/control/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with _OPENER.open(request, timeout=30) as answer:
            return json.loads(answer.read())

    def _wait_for_health(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.control("GET", "health")["status"] == "ok":
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
        raise RuntimeError("the sandbox does not answer")


@contextmanager
def running_sandbox(state_dir: Path, *options: str, port: int = 0) -> Iterator[Sandbox]:
    """A sandbox that runs until the block ends; its state and log are in `state_dir`.

    `options` are more words for its command line; port 0 takes a free one.
    """
    sandbox = Sandbox(state_dir, *options, port=port)
    try:
        sandbox.start()
        yield sandbox
    finally:
        sandbox.stop()

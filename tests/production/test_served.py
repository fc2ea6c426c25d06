"""Production by the README's commands and the files of deploy/, on PostgreSQL; the play books are elsewhere."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.production.network import ADDRESS, PORTAL, network, python_programs, trusting
from tests.support.certificates import Authority
from tests.support.postgres import APP, OWNER, running_postgres
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
MIGRATE, GRANT = "flask --app app db upgrade", "flask --app app database grant --role"
PORTAL_COMMAND, WORKER, NEW = "gunicorn 'app:create_app()'", "python -m jobs", "flask --app app tenant create"
_NGINX = """
daemon off;
{user}
worker_processes 1;
error_log stderr;
pid {folder}/nginx.pid;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {site}
    server {{
        listen 443 ssl;
        server_name {address};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ proxy_pass http://127.0.0.1:8099; proxy_read_timeout 600s; }}
    }}
}}
"""


class House:
    """Somebody who types commands in that network."""

    def __init__(self, enter: tuple[str, ...], folder: Path, trust: Path, stack: ExitStack) -> None:
        self._enter = enter
        self._folder = folder
        self._trust = trust
        self._stack = stack
        self._settings = {
            "CRAFTER_ENV": "production", "DATA": str(folder / "data"), "SECRET_KEY": secrets.token_hex(32),
            "CREDENTIALS_KEY": f"v1:{secrets.token_hex(32)}", "EBOEKHOUDEN_URL": f"https://{ADDRESS}/soap.asmx",
            "BASE_URL": f"https://{PORTAL}", "TRUSTED_HOSTS": PORTAL, "MAIL_URL": "smtp://127.0.0.1:25",
            "MAIL_FROM": f"Crafter <post@{PORTAL}>", "PROXY_HOPS": "1",
        }  # fmt: skip

    def type(self, command: str, database: str = "") -> str:
        """Type a command, which has to end well; what it said."""
        done = subprocess.run(
            [*self._enter, "sh", "-c", command], env=self._environment(database), cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}:\n{done.stdout[-3000:]}"
        return done.stdout

    def start(self, name: str, command: str, database: str = "") -> subprocess.Popen[bytes]:
        """Start what stays; what it says is in a file of this name."""
        with (self._folder / f"{name}.said").open("wb") as said:
            process = subprocess.Popen(
                [*self._enter, "sh", "-c", f"exec {command}"], env=self._environment(database), cwd=ROOT,
                stdout=said, stderr=said,
            )  # fmt: skip
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def said(self, name: str) -> str:
        """What it has said."""
        return (self._folder / f"{name}.said").read_text()

    def _environment(self, database: str) -> dict[str, str]:
        own = {"PATH": python_programs(), "HOME": str(self._folder), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        own["PYTHONPATH"] = str(self._trust)
        return own | self._settings | ({"DATABASE_URL": database} if database else {})


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """The network with the play books and nginx in it."""
    authority = Authority(folder)
    certificate, key = authority.vouch_for(PORTAL, ADDRESS)
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    for path, ours in (("fullchain", certificate), ("privkey", key)):
        there = f"/etc/letsencrypt/live/{PORTAL}/{path}.pem"
        assert there in site
        site = site.replace(there, str(ours))
    user = "user root;" if os.geteuid() == 0 else ""
    recipe = folder / "nginx.conf"
    recipe.write_text(
        _NGINX.format(user=user, folder=folder, site=site, address=ADDRESS, certificate=certificate, key=key)
    )
    if shutil.which("nginx", path=python_programs()) is None:
        pytest.fail("nginx is missing: apt-get install nginx-light")
    with ExitStack() as stack:
        enter = stack.enter_context(network())
        made = House(enter, folder, trusting(folder, authority.certificate), stack)
        made.start("books", f"python -m sandbox --port 8099 --state {folder}/books.sqlite3")
        until(lambda: "ready on" in made.said("books"))
        made.start("nginx", f"nginx -e stderr -c {recipe}")
        yield made


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_production_serves_while_one_waits_and_others_send_half(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    assert all(f"`{command}" in readme for command in (MIGRATE, GRANT, PORTAL_COMMAND, WORKER, NEW))
    with running_postgres() as server, house(tmp_path) as at:
        name = server.new()
        as_owner, as_app = (server.url(name, role) for role in (OWNER, APP))
        at.type(MIGRATE, as_owner)
        at.type(f"{GRANT} {APP}", as_owner)
        portal, worker = at.start("portal", PORTAL_COMMAND, as_app), at.start("worker", WORKER, as_app)
        link = at.type(f"{NEW} jansen --owner baas@jansen.example", as_app).split()[-1]
        seen = at.type(f"{sys.executable} -m tests.production.visitor {link} {tmp_path}/authority.pem")
        assert seen.split() == ["200", "200", "200", "80"], at.said("portal")[-3000:]
        for process in (portal, worker):
            process.send_signal(signal.SIGTERM)
        assert [process.wait(90) for process in (portal, worker)] == [0, 0]
        data = tmp_path / "data"
        open_to_others = [str(path) for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077]
        assert (open_to_others, (data / "queue.sqlite3").exists()) == ([], True)
        assert "Traceback" not in at.said("portal") + at.said("worker")

"""The files of deploy/ are what they are meant to be: systemd takes the units, and they start what the README says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.production.test_served import PORTAL_COMMAND, WORKER

ROOT = Path(__file__).parents[2]
UNITS = {"crafter-web.service": PORTAL_COMMAND, "crafter-worker.service": WORKER}
MOST_EXPOSURE = 20  # of 100, as systemd counts


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says; no systemd has to run for it."""
    if shutil.which("systemd-analyze") is None:
        pytest.fail("systemd-analyze is missing: apt-get install systemd")
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit_and_it_is_shut_in(name: str, tmp_path: Path) -> None:
    unit = tmp_path / name
    text = (ROOT / "deploy" / name).read_text()
    # the same programs where they are here: systemd looks whether they can be started
    unit.write_text(text.replace("/opt/crafter/.venv/bin", f"{sys.prefix}/bin").replace("/opt/crafter", str(ROOT)))
    found = analyze("verify", str(unit))
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
    exposed = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", str(unit))
    assert exposed.returncode == 0, exposed.stdout[-500:]
    wrong = tmp_path / f"wrong-{name}"
    wrong.write_text(unit.read_text().replace("UMask=", "UMusk="))
    assert "UMusk" in analyze("verify", str(wrong)).stderr


@pytest.mark.parametrize(("name", "command"), UNITS.items())
def test_the_unit_starts_what_the_readme_says(name: str, command: str) -> None:
    text = (ROOT / "deploy" / name).read_text()
    assert f"ExecStart=/opt/crafter/.venv/bin/{command}\n" in text
    assert re.search(r"^UMask=0077$", text, re.MULTILINE)
    assert f"deploy/{name}" in (ROOT / "README.md").read_text()

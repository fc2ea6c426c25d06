"""The commands and loopback addresses that the documents hold: in code blocks and in code between the words."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PROGRAMS = ("make", "flask", "gunicorn", "python", "python3", "pip", "pipx", "uv", "npm", "node", "pytest", "psql",
             "git", "docker", "podman", "curl", "redis-server", "apt-get", "sudo", "source", "cd", "cp", "sh", "bash",
             "pre-commit", "ruff", "mypy")  # fmt: skip
# a bare name is the program itself ("python3 is needed"); `make` alone is a command of its own
_COMMAND = re.compile(
    rf"(?:\$ )?((?:[A-Z][A-Z_0-9]*=\S* )*(?:(?:{'|'.join(_PROGRAMS)}) \S.*|make|\./\S+.*|\.venv/bin/\S+.*))"
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TYPED = ("", "sh", "bash", "console")  # what stands in a block of another language is not for the command line
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_ADDRESS = re.compile(r"http://127\.0\.0\.1[^\s)>`|]*")


def documents() -> list[Path]:
    """Every Markdown file for people, in the repository's root and under docs/."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def commands_in(text: str) -> set[str]:
    """The commands of a document, with single spaces and without remarks, and its loopback addresses."""
    spoken = []
    for language, block in _FENCE.findall(text):
        if language in _TYPED:
            spoken += [re.sub(r"\s+#\s.*", "", line) for line in block.replace("\\\n", " ").splitlines()]
    spoken += _INLINE.findall(_FENCE.sub("", text))
    found = {match[1] for one in spoken if (match := _COMMAND.fullmatch(" ".join(one.split())))}
    return found | {address.rstrip(".,;") for address in _ADDRESS.findall(text)}


def all_commands() -> dict[str, str]:
    """Every command of every document, with the first document it stands in."""
    found: dict[str, str] = {}
    for path in documents():
        for command in sorted(commands_in(path.read_text())):
            found.setdefault(command, str(path.relative_to(ROOT)))
    return found

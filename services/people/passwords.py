"""Passwords: hashing, so many at once and no more, and which ones are refused. Length counts, composition does not."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.message import Refusal, msg

MIN_LENGTH, MAX_LENGTH = 12, 128
# 46 MiB, one pass, one lane: OWASP's second profile, about 80 ms here.
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
_DUMMY = _hasher.hash("nobody has this password")
OURS = ("crafter", "werkbon")
AT_ONCE = 4  # a flood of logins takes at most this many times 46 MiB
PATIENCE = 10.0
_room = threading.BoundedSemaphore(AT_ONCE)
LIST = Path(__file__).parents[2] / "data" / "common_passwords.txt.gz"  # data/README.md says where it comes from
LONGEST_JOINED = 32  # letters: what is longer is not tried as two words
SHORTEST_JOINED = 4
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "azertyuiopqsdfghjklmwxcvbn")
_LOOKALIKES = str.maketrans("01345$@!78", "oieassaitb")


def hash_password(password: str) -> str:
    """An argon2id hash. Raises Refusal when too many wait already."""
    with _place():
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password fits a stored hash. Without one the same work is done, so that time tells nothing."""
    with _place():
        try:
            return _hasher.verify(stored or _DUMMY, password[: MAX_LENGTH * 2]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_dated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@contextmanager
def _place() -> Iterator[None]:
    if not _room.acquire(timeout=PATIENCE):
        raise Refusal(msg("Het is even te druk met inloggen. Probeer het over een halve minuut opnieuw."))
    try:
        yield
    finally:
        _room.release()


def check(password: str, about: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long, on the list of common ones, or made of `about`: texts that
    anybody could guess, such as the person's address and the company's name. Raises Refusal on "password"."""
    if len(password) < MIN_LENGTH:
        raise Refusal(msg("Kies een wachtwoord van minstens %(n)s tekens.", n=MIN_LENGTH), "password")
    if len(password) > MAX_LENGTH:
        raise Refusal(msg("Kies een wachtwoord van hoogstens %(n)s tekens.", n=MAX_LENGTH), "password")
    if _is_common(password):
        raise Refusal(msg("Dit wachtwoord gebruiken veel mensen. Kies liever een paar losse woorden."), "password")
    rest = password.casefold()
    for word in sorted(_words([*about, *OURS]), key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != password.casefold() and (len(rest) < 8 or _is_common(rest)):
        raise Refusal(
            msg("Dit wachtwoord lijkt te veel op uw naam, e-mailadres of bedrijf. Kies iets dat niemand kan raden."),
            "password",
        )


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.split(r"[\W_]+", text.casefold()) if len(word) > 3}


def _is_common(password: str) -> bool:
    plain = password.casefold().strip()
    if len(set(plain)) < 5 or _repeats(plain) or _walks(plain):
        return True
    # the year, the counting and the exclamation mark add nothing, before the word or after it
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    letters = re.sub(r"^[\W_]+|[\W_]+$", "", plain.translate(_LOOKALIKES))
    return any(_listed(word) or _joined(word) for word in {plain, bare, letters, bare.translate(_LOOKALIKES)})


def _listed(word: str) -> bool:
    return bool(word) and b"\n" + word.encode(errors="replace") + b"\n" in _common()


def _joined(text: str) -> bool:
    """Two listed words and nothing else, with or without something between them."""
    pieces = re.split(r"[\W_]+", text)
    if len(pieces) > 1:
        return len(pieces) == 2 and all(_listed(piece) for piece in pieces)
    cuts = range(SHORTEST_JOINED, len(text) - SHORTEST_JOINED + 1) if len(text) <= LONGEST_JOINED else ()
    return any(_listed(text[:cut]) and _listed(text[cut:]) for cut in cuts)


def _repeats(text: str) -> bool:
    """One short piece over and over: `geheimgeheim`, `abc123abc123`."""
    return any(text == (text[:n] * len(text))[: len(text)] for n in range(1, len(text) // 2 + 1))


def _walks(text: str) -> bool:
    """One step after the other through the alphabet, the digits or a row of keys."""
    return any(text in line * 2 or text in line[::-1] * 2 for line in _ROWS)


@cache
def _common() -> bytes:
    """The list as it stands in its file, a word a line: a megabyte and a half, where a set of texts takes fifteen."""
    return b"\n" + gzip.decompress(LIST.read_bytes())

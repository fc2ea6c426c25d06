"""What their error codes come down to. Compared without dots, for those get lost in some answers (E002.3 also comes as
E0023)."""

from __future__ import annotations

from domain.outcome import Problem

NUMBER_TAKEN, CODE_TAKEN = "CFACT026", "CREL001"
_EXACT = {"E0033": Problem.DAY_LIMIT, NUMBER_TAKEN: Problem.NUMBER_TAKEN, CODE_TAKEN: Problem.CODE_TAKEN}
# E001.*: username or security codes are not (or no longer) right; E002.*: unknown, expired or closed sessions; E003.*:
# a limit. E003.1 is GetMutaties' month, which we never call: on another operation nobody knows when it ends
_FAMILIES = {"E001": Problem.CREDENTIALS, "E002": Problem.SESSION, "E003": Problem.LIMIT}


def problem(code: str) -> Problem:
    """What a code comes down to: Problem.NONE for no code, Problem.OTHER for one that decides nothing further."""
    bare = code.strip().replace(".", "")
    if not bare:
        return Problem.NONE
    return _EXACT.get(bare) or _FAMILIES.get(bare[:4]) or Problem.OTHER

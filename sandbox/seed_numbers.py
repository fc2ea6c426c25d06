"""Invented numbers that pass their checks and belong to nobody: IBAN, VAT number, chamber of commerce."""

from __future__ import annotations

from random import Random

# a bank that does not exist, so that no invented account is somebody's real one
_BANK = "WTRV"


def iban(random: Random) -> str:
    """A Dutch IBAN with a right check number (mod 97), at a bank that does not exist."""
    account = f"{random.randrange(10**9):010d}"
    digits = "".join(str(int(character, 36)) for character in f"{_BANK}{account}NL00")
    return f"NL{98 - int(digits) % 97:02d}{_BANK}{account}"


def vat_number(random: Random) -> str:
    """A Dutch VAT number whose nine digits pass the eleven test; its range (99…) is not given out."""
    while True:
        digits = f"99{random.randrange(10**6):06d}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"NL{digits}{check}B01"


def trade_number(random: Random) -> str:
    """Eight digits like a number of the chamber of commerce; numbers that begin with 00 do not exist."""
    return f"00{random.randrange(10**6):06d}"


def telephone(random: Random, area: str) -> str:
    """A telephone number in the style of films: 0xx-555xxxx."""
    return f"{area}-555{random.randrange(10**4):04d}"

"""Sealing secrets at rest: AES-256-GCM, bound to tenant, field and row, with versioned keys."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateways.bookkeeping import Secret


class CannotUnseal(Exception):
    """The ciphertext does not belong here, or its key is gone."""


def seal(keys: Mapping[str, bytes], plain: str, place: str) -> str:
    """Ciphertext `<key version>.<base64>` of a secret; `place` names tenant, field and row, and binds it to them."""
    version = list(keys)[-1]
    nonce = os.urandom(12)
    box = AESGCM(keys[version]).encrypt(nonce, plain.encode(), f"{version}|{place}".encode())
    return f"{version}.{base64.b64encode(nonce + box).decode()}"


def unseal(keys: Mapping[str, bytes], sealed: str, place: str) -> Secret:
    """The secret back. Raises CannotUnseal when it was sealed elsewhere or with an unknown key."""
    version, _, body = sealed.partition(".")
    if version not in keys:
        raise CannotUnseal(version)
    try:
        raw = base64.b64decode(body, validate=True)
        plain = AESGCM(keys[version]).decrypt(raw[:12], raw[12:], f"{version}|{place}".encode())
    except (InvalidTag, ValueError) as error:  # ValueError: it is no sealed text at all
        raise CannotUnseal(place) from error
    return Secret(plain.decode())

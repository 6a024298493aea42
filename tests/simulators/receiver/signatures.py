# SPDX-License-Identifier: Apache-2.0
"""Standard Webhooks signatures: `v1` (HMAC-SHA256) and `v1a` (Ed25519), checked from scratch."""
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import ed25519

SECRET_PREFIX = "whsec_"
PUBLIC_PREFIX = "whpk_"


class BadKey(ValueError):
    """A key that is not in the form the standard prescribes."""


def decode_key(text: str, prefix: str) -> bytes:
    if not text.startswith(prefix):
        raise BadKey(f"a key must begin with {prefix}")
    try:
        return base64.b64decode(text[len(prefix):], validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("the key is not base64") from None


@dataclass
class Keys:
    """The keys a receiver accepts; several at once while they are rotated."""

    secrets: list[bytes] = field(default_factory=list)
    publics: list[bytes] = field(default_factory=list)

    def add(self, text: str) -> None:
        if text.startswith(PUBLIC_PREFIX):
            key = decode_key(text, PUBLIC_PREFIX)
            if len(key) != 32:
                raise BadKey("an Ed25519 public key has 32 bytes")
            self.publics.append(key)
        else:
            self.secrets.append(decode_key(text, SECRET_PREFIX))

    def add_jwks(self, jwks: dict[str, object]) -> None:
        """Takes the Ed25519 keys of a JWKS document."""
        keys = jwks.get("keys")
        for key in keys if isinstance(keys, list) else []:
            if key.get("kty") == "OKP" and key.get("crv") == "Ed25519":
                text = str(key["x"])
                self.publics.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@dataclass
class Verdict:
    """What a check found: which schemes were there and which of them hold."""

    present: list[str] = field(default_factory=list)
    valid: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.valid) and not self.problem


def check(keys: Keys, headers: Mapping[str, str], body: bytes, tolerance: int,
          now: float | None = None) -> Verdict:
    """Checks the three headers against the raw body; `tolerance` 0 accepts any time."""
    verdict = Verdict()
    values = [headers.get(name, "") for name in
              ("webhook-id", "webhook-timestamp", "webhook-signature")]
    identity, stamp, signatures = values
    if not all(values):
        verdict.problem = "a webhook header is missing"
        return verdict
    if not stamp.isdigit():
        verdict.problem = "the timestamp is not a number"
        return verdict
    if tolerance and abs((time.time() if now is None else now) - int(stamp)) > tolerance:
        verdict.problem = "the timestamp is too old or too new"
        return verdict
    content = f"{identity}.{stamp}.".encode() + body
    for part in signatures.split():
        scheme, _, text = part.partition(",")
        verdict.present.append(scheme)
        try:
            signature = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        if scheme == "v1" and any(
                hmac.compare_digest(hmac.new(key, content, hashlib.sha256).digest(), signature)
                for key in keys.secrets) or \
                scheme == "v1a" and any(ed25519.verify(key, content, signature)
                                        for key in keys.publics):
            verdict.valid.append(scheme)
    if not verdict.valid:
        verdict.problem = "no signature holds"
    return verdict


def sign_v1(secret: bytes, identity: str, stamp: int, body: bytes) -> str:
    """A `v1` signature, for tests of the receiver."""
    content = f"{identity}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()


def sign_v1a(seed: bytes, identity: str, stamp: int, body: bytes) -> str:
    """A `v1a` signature, for tests of the receiver."""
    content = f"{identity}.{stamp}.".encode() + body
    return "v1a," + base64.b64encode(ed25519.sign(seed, content)).decode()

# SPDX-License-Identifier: Apache-2.0
"""The webhook receiver: signatures, challenge, planned failures, what it remembers."""
from __future__ import annotations

import base64
import json
import time
import unittest
from typing import Any

from receiver import ed25519
from receiver.signatures import sign_v1, sign_v1a

from .support import Dropped, Program, Refused, control, http_call

SECRET = b"0123456789abcdef01234567"
OLD_SECRET = b"an older secret of 24 by"
SEED = bytes(range(32))
VECTORS = (  # RFC 8032, section 7.1
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"),
)


def key(prefix: str, data: bytes) -> str:
    return prefix + base64.b64encode(data).decode()


class Ed25519(unittest.TestCase):
    def test_the_vectors_of_the_standard(self) -> None:
        for seed, public, message, signature in VECTORS:
            made = ed25519.sign(bytes.fromhex(seed), bytes.fromhex(message))
            self.assertEqual(made.hex(), signature)
            self.assertEqual(ed25519.public_key(bytes.fromhex(seed)).hex(), public)
            self.assertTrue(ed25519.verify(bytes.fromhex(public), bytes.fromhex(message), made))

    def test_anything_altered_is_refused(self) -> None:
        public = ed25519.public_key(SEED)
        good = ed25519.sign(SEED, b"content")
        self.assertFalse(ed25519.verify(public, b"Content", good))
        self.assertFalse(ed25519.verify(public, b"content", good[:-1] + b"\x7f"))
        self.assertFalse(ed25519.verify(public, b"content", good[:-1]))
        self.assertFalse(ed25519.verify(bytes(32), b"content", good))
        self.assertFalse(ed25519.verify(public, b"content", bytes(32) + b"\xff" * 32))


class Receiver(unittest.TestCase):
    program: Program
    url: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.program = Program("webhook_receiver.py", "--secret", key("whsec_", SECRET))
        cls.url = cls.program.ready["url"]

    @classmethod
    def tearDownClass(cls) -> None:
        cls.program.stop()

    def setUp(self) -> None:
        self.sim("reset", {})
        self.sim("keys", {"keys": [key("whsec_", SECRET),
                                   key("whpk_", ed25519.public_key(SEED))],
                          "require": "any", "tolerance": 300})

    def sim(self, what: str, data: Any = None) -> Any:
        return control(self.url, f"/_sim/{what}", data)

    def send(self, number: int, content: Any = None, *, signature: str = "", stamp: int = 0,
             body: bytes = b"") -> tuple[int, dict[str, str], Any]:
        stamp = stamp or int(time.time())
        identity = f"evt_{number}"
        body = body or json.dumps(content or {"type": "invoice.posted", "subject": "inv_1",
                                              "sequence": number}).encode()
        signature = signature or sign_v1(SECRET, identity, stamp, body)
        status, headers, answer = http_call(self.url, "POST", "/hook", body, {
            "webhook-id": identity, "webhook-timestamp": str(stamp),
            "webhook-signature": signature, "Content-Type": "application/json"})
        return status, headers, json.loads(answer)

    def test_both_schemes_are_verified(self) -> None:
        stamp = int(time.time())
        body = b'{"type":"invoice.posted"}'
        both = f"{sign_v1(SECRET, 'evt_1', stamp, body)} {sign_v1a(SEED, 'evt_1', stamp, body)}"
        self.assertEqual(self.send(1, body=body, stamp=stamp, signature=both)[0], 200)
        self.assertEqual(self.sim("deliveries")[0]["schemes"], ["v1", "v1a"])

    def test_what_is_not_signed_by_us_is_refused(self) -> None:
        stamp = int(time.time())
        body = b'{"type":"invoice.posted"}'
        wrong = sign_v1(OLD_SECRET, "evt_1", stamp, body)
        other = sign_v1(SECRET, "evt_2", stamp, body)
        altered = sign_v1(SECRET, "evt_1", stamp, body + b" ")
        for signature in (wrong, other, altered, "v1,", "v2,AAAA", "nonsense"):
            status = self.send(1, body=body, stamp=stamp, signature=signature)[0]
            self.assertEqual(status, 401, signature)
        self.assertEqual(self.sim("summary")["unverified"], 6)

    def test_an_old_timestamp_is_refused_unless_any_is_accepted(self) -> None:
        self.assertEqual(self.send(1, stamp=int(time.time()) - 3600)[0], 401)
        self.sim("keys", {"keys": [key("whsec_", SECRET)], "tolerance": 0})
        self.assertEqual(self.send(1, stamp=int(time.time()) - 3600)[0], 200)

    def test_two_secrets_while_they_rotate(self) -> None:
        stamp, body = int(time.time()), b'{"type":"x"}'
        old = sign_v1(OLD_SECRET, "evt_1", stamp, body)
        self.assertEqual(self.send(1, body=body, stamp=stamp, signature=old)[0], 401)
        self.sim("keys", {"keys": [key("whsec_", SECRET), key("whsec_", OLD_SECRET)]})
        self.assertEqual(self.send(1, body=body, stamp=stamp, signature=old)[0], 200)

    def test_a_required_scheme_is_insisted_on(self) -> None:
        self.sim("keys", {"keys": [key("whsec_", SECRET)], "require": "v1a"})
        self.assertEqual(self.send(1)[0], 401)

    def test_a_key_from_a_jwks(self) -> None:
        public = base64.urlsafe_b64encode(ed25519.public_key(SEED)).decode().rstrip("=")
        self.sim("keys", {"jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": public}]}})
        stamp, body = int(time.time()), b'{"type":"x"}'
        signature = sign_v1a(SEED, "evt_1", stamp, body)
        self.assertEqual(self.send(1, body=body, stamp=stamp, signature=signature)[0], 200)

    def test_a_challenge_is_answered_with_itself(self) -> None:
        content = {"type": "endpoint.challenge", "challenge": "c-17"}
        self.assertEqual(self.send(1, content)[2], {"challenge": "c-17"})
        self.sim("plan", [{"challenge": "something else"}])
        self.assertEqual(self.send(2, content)[2], {"challenge": "something else"})
        self.assertEqual(self.send(3, content)[2], {"challenge": "c-17"})
        self.assertEqual(self.sim("summary")["received"], 0)

    def test_a_plan_of_failures_runs_out(self) -> None:
        self.sim("plan", [{"status": 500, "times": 2}, {"status": 503, "retry_after": 7},
                          {"status": 410}])
        answers = [self.send(1)[:2] for _ in range(5)]
        self.assertEqual([status for status, _ in answers], [500, 500, 503, 410, 200])
        self.assertEqual(answers[2][1]["Retry-After"], "7")

    def test_down_and_hanging(self) -> None:
        self.sim("plan", [{"down": True, "times": 2}, {"hang": 0.05}])
        for _ in range(3):
            with self.assertRaises(Dropped):
                self.send(1)
        self.assertEqual(self.send(1)[0], 200)
        self.assertEqual(len(self.sim("deliveries")), 4)
        self.assertEqual(len(self.sim("deliveries?accepted=1")), 1)

    def test_the_summary_finds_repeats_differences_and_steps_backwards(self) -> None:
        self.send(1)
        self.send(3)
        self.send(2)
        self.send(3)
        self.send(1, {"type": "invoice.posted", "subject": "inv_1", "sequence": 9})
        summary = self.sim("summary")
        self.assertEqual((summary["accepted"], summary["unique"], summary["repeated"]), (5, 3, 2))
        self.assertEqual(summary["differing"], ["evt_1"])
        self.assertEqual(summary["backwards"], ["evt_2"])

    def test_nonsense_from_a_test_is_refused(self) -> None:
        for what, data in (("plan", [{"explode": True}]), ("keys", {"keys": ["secret"]}),
                           ("keys", {"keys": ["whpk_AAAA"]}), ("nothing", {})):
            with self.assertRaises(Refused, msg=what):
                self.sim(what, data)

# SPDX-License-Identifier: Apache-2.0
"""What kontor seals GnuPG opens, and the other way round; what GnuPG refuses to make is made here.

Keys live in a folder of their own that goes with the test; no agent of anybody else is asked.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("KONTOR_BUILD_DIR", "build"))
TOOL = BUILD / "bin" / "openpgp_tool"
ORDER = b"<Document>100.00</Document>\n" * 50
TIMEOUT_S = 60

KEYS = {
    "curve": "Key-Type: EDDSA\nKey-Curve: Ed25519\nKey-Usage: sign\n"
             "Subkey-Type: ECDH\nSubkey-Curve: Curve25519\nSubkey-Usage: encrypt\n",
    "rsa": "Key-Type: RSA\nKey-Length: 3072\nKey-Usage: sign\n"
           "Subkey-Type: RSA\nSubkey-Length: 3072\nSubkey-Usage: encrypt\n",
    "old": "Key-Type: DSA\nKey-Length: 2048\nKey-Usage: sign\n"
           "Subkey-Type: ELG-E\nSubkey-Length: 2048\nSubkey-Usage: encrypt\n",
    # What librnp does not make: primary keys that do nothing but vouch for their subkeys.
    "reads": "Key-Type: EDDSA\nKey-Curve: Ed25519\nKey-Usage: cert\n"
             "Subkey-Type: ECDH\nSubkey-Curve: Curve25519\nSubkey-Usage: encrypt\n",
    "signs": "Key-Type: EDDSA\nKey-Curve: Ed25519\nKey-Usage: cert\n"
             "Subkey-Type: EDDSA\nSubkey-Curve: Ed25519\nSubkey-Usage: sign\n",
    "neither": "Key-Type: EDDSA\nKey-Curve: Ed25519\nKey-Usage: cert\n",
}


class Side:
    """One side's keys in a GNUPGHOME of its own."""

    def __init__(self, folder: Path, kind: str, name: str) -> None:
        self.home = folder / name
        self.home.mkdir(mode=0o700)
        self.user = f"{name}@example.test"
        parameters = (f"%no-protection\n{KEYS[kind]}Name-Real: {name}\n"
                      f"Name-Email: {self.user}\nExpire-Date: 1y\n%commit\n")
        self.gpg("--generate-key", stdin=parameters.encode())
        self.secret = folder / f"{name}.secret.asc"
        self.public = folder / f"{name}.public.asc"
        self.secret.write_bytes(self.gpg("--armor", "--export-secret-keys", self.user))
        self.public.write_bytes(self.gpg("--armor", "--export", self.user))

    def gpg(self, *words: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--yes", "--no-tty", "--quiet",
             "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase", "", *words],
            input=stdin, capture_output=True, timeout=TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr.decode(errors="replace"))
        return done.stdout

    def knows(self, other: "Side") -> None:
        self.gpg("--import", str(other.public))

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"],
                       capture_output=True, timeout=TIMEOUT_S, check=False)


class Both(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="kontor-gpg-"))
        cls.ours = Side(cls.folder, "curve", "ours")
        cls.banks = {kind: Side(cls.folder, kind, f"bank-{kind}") for kind in KEYS}
        for bank in cls.banks.values():
            bank.knows(cls.ours)
            cls.ours.knows(bank)

    @classmethod
    def tearDownClass(cls) -> None:
        for side in [cls.ours, *cls.banks.values()]:
            side.close()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def tool(self, what: str, bank: Side, data: bytes, *flags: str,
             own: Side | None = None) -> tuple[str, bytes]:
        """What went wrong, or what came of it."""
        source, target = self.folder / "in", self.folder / "out"
        source.write_bytes(data)
        target.unlink(missing_ok=True)
        done = subprocess.run(
            [str(TOOL), what, str((own or self.ours).secret), str(bank.public), str(source),
             str(target), *flags], capture_output=True, timeout=TIMEOUT_S, check=False)
        if done.returncode == 0:
            return "", target.read_bytes()
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertFalse(target.exists())
        # librnp may say something before it.
        return done.stderr.decode().splitlines()[-1].split(":")[0], b""

    def test_gpg_opens_what_kontor_seals(self) -> None:
        for kind in ("curve", "rsa"):
            for flags in ((), ("armor",), ("unsigned",), ("plain",)):
                bank = self.banks[kind]
                why, sealed = self.tool("seal", bank, ORDER, *flags)
                self.assertEqual(why, "", (kind, flags))
                status = bank.gpg("--status-fd", "1", "--decrypt", stdin=sealed)
                self.assertIn(ORDER, status, (kind, flags))
                self.assertEqual(b"GOODSIG" in status, "unsigned" not in flags)
                self.assertEqual(b"DECRYPTION_OKAY" in status, "plain" not in flags)
                if "plain" not in flags:
                    self.assertIn(b"GOODMDC", status)

    def test_kontor_opens_what_gpg_seals(self) -> None:
        for kind in ("curve", "rsa"):
            bank = self.banks[kind]
            for armor in ((), ("--armor",)):
                for compress in ("0", "6"):
                    sealed = bank.gpg(*armor, "-z", compress, "--sign", "--encrypt", "-r",
                                      self.ours.user, stdin=ORDER)
                    self.assertEqual(self.tool("open", bank, sealed), ("", ORDER))
            sealed = bank.gpg("--hidden-recipient", self.ours.user, "--sign", "--encrypt",
                              stdin=ORDER)
            why, opened = self.tool("open", bank, sealed)
            self.assertIn((why, opened), [("", ORDER), ("OPENPGP_UNREADABLE", b"")])

    def test_kontor_refuses_what_is_not_as_agreed(self) -> None:
        bank, stranger = self.banks["curve"], self.banks["rsa"]
        to_us = ("-r", self.ours.user)
        cases = {
            "not signed": (bank.gpg("--encrypt", *to_us, stdin=ORDER), "OPENPGP_SIGNATURE_INVALID"),
            "a stranger's": (stranger.gpg("--sign", "--encrypt", *to_us, stdin=ORDER),
                             "OPENPGP_SIGNATURE_INVALID"),
            "not encrypted": (bank.gpg("--sign", stdin=ORDER), "OPENPGP_REQUIRED"),
            "a text": (bank.gpg("--clearsign", stdin=ORDER), "OPENPGP_REQUIRED"),
            "by a password": (bank.gpg("--symmetric", "--passphrase", "guess", stdin=ORDER),
                              "OPENPGP_UNREADABLE"),
            "an old cipher": (bank.gpg("--cipher-algo", "3DES", "--sign", "--encrypt", *to_us,
                                       stdin=ORDER), "OPENPGP_UNREADABLE"),
        }
        for name, (message, reason) in cases.items():
            self.assertEqual(self.tool("open", bank, message), (reason, b""), name)
        for what in ("seal", "open"):
            self.assertEqual(self.tool(what, self.banks["old"], ORDER),
                             ("OPENPGP_KEY_UNUSABLE", b""))

    def test_keys_do_what_they_were_made_for_and_nothing_else(self) -> None:
        bank, ours = self.banks["curve"], self.ours
        reads, signs, neither = (self.banks[kind] for kind in ("reads", "signs", "neither"))
        unusable = ("OPENPGP_KEY_UNUSABLE", b"")
        self.assertEqual(self.tool("seal", bank, ORDER, own=reads), unusable)
        self.assertEqual(self.tool("seal", bank, ORDER, "unsigned", own=reads)[0], "")
        self.assertEqual(self.tool("seal", reads, ORDER)[0], "")
        self.assertEqual(self.tool("seal", signs, ORDER), unusable)
        self.assertEqual(self.tool("seal", bank, ORDER, own=neither), unusable)
        self.assertEqual(self.tool("seal", neither, ORDER, "plain"), unusable)
        why, sealed = self.tool("seal", bank, ORDER, own=signs)
        self.assertEqual(why, "")
        bank.knows(signs)
        self.assertIn(b"GOODSIG", bank.gpg("--status-fd", "1", "--decrypt", stdin=sealed))
        sealed = signs.gpg("--sign", "--encrypt", "-r", ours.user, stdin=ORDER)
        self.assertEqual(self.tool("open", signs, sealed), ("", ORDER))
        self.assertEqual(self.tool("open", bank, sealed), ("OPENPGP_SIGNATURE_INVALID", b""))

    def test_a_message_without_protection_against_changes_is_refused(self) -> None:
        """RFC 4880, 5.7: what GnuPG does not make any more, made of its own session key."""
        if shutil.which("openssl") is None:
            self.skipTest("there is no openssl command")
        bank = self.banks["curve"]
        sealed = bank.gpg("--encrypt", "--cipher-algo", "AES256", "-r", self.ours.user,
                          stdin=ORDER)
        shown = subprocess.run(
            ["gpg", "--homedir", str(self.ours.home), "--batch", "--no-tty", "--pinentry-mode",
             "loopback", "--passphrase", "", "--show-session-key", "--decrypt"],
            input=sealed, capture_output=True, timeout=TIMEOUT_S, check=True).stderr.decode()
        key = shown.split("session key: '")[1].split("'")[0].split(":")[1]
        head = sealed[:2 + sealed[1]]  # the packet of the session key, with a length of one octet
        self.assertIn(sealed[0], (0x84, 0xC1))
        literal = b"b\x00\x00\x00\x00\x00" + ORDER
        packet = b"\xcb\xff" + len(literal).to_bytes(4, "big") + literal
        prefix = bytes(range(16))
        first = self.cfb(key, bytes(16), prefix + prefix[-2:])
        body = first + self.cfb(key, first[2:], packet)
        forged = head + b"\xc9\xff" + len(body).to_bytes(4, "big") + body
        why, opened = self.tool("open", bank, forged, "unsigned")
        self.assertEqual((why, opened), ("OPENPGP_UNREADABLE", b""))

    @staticmethod
    def cfb(key: str, vector: bytes, data: bytes) -> bytes:
        return subprocess.run(
            ["openssl", "enc", "-aes-256-cfb", "-K", key, "-iv", vector.hex()], input=data,
            capture_output=True, timeout=TIMEOUT_S, check=True).stdout


if __name__ == "__main__":
    if shutil.which("gpg") is None:
        print("SKIPPED: there is no gpg command to hold kontor's OpenPGP against")
        sys.exit(77)
    unittest.main(verbosity=2)

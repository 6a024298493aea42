#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has kontor verify what the packages of senders sign: `standardwebhooks` of Python and Node, and
`@octokit/webhooks-methods` (GitHub's `sha256=`).

Usage: inbound_test.py PATH_OF_kontor_inbound_verifier. The packages are installed into the build
folder, once. Where that cannot be done the test says so and exits with 77, which counts as skipped.
"""
from __future__ import annotations

import base64
import datetime
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from verify_test import install_python, run_or_skip, skip  # noqa: E402

Json = dict[str, Any]
NODE_PACKAGES = ("standardwebhooks@1.1.1", "@octokit/webhooks-methods@6.0.0")
NOW = 1_790_000_000
STANDARD_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
SHARED_SECRET = "a-shared-secret-of-a-sender-0123456789"
BODIES = ('{"event":"report.approved"}', '{"name":"Žluťoučký kůň"}', "株式会社", "[1, 2]\r\n",
          '{"amount": 0.30000000000000004}', "x" * 70_000)
STANDARD: Json = {"scheme": "SCHEME_STANDARD_WEBHOOKS"}
GITHUB: Json = {"scheme": "SCHEME_HMAC", "signature_header": "X-Hub-Signature-256",
                "signature_prefix": "sha256="}
RULES = {"standard": (STANDARD, STANDARD_SECRET), "github": (GITHUB, SHARED_SECRET)}


def install_node(folder: Path) -> None:
    if (folder / "node_modules" / "@octokit" / "webhooks-methods").is_dir():
        return
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        skip("there is no Node")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
    run_or_skip([npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
                 "--prefix", str(folder), *NODE_PACKAGES], "npm could not install the packages")


def by_python(folder: Path) -> list[Json]:
    sys.path.insert(0, str(folder))
    from standardwebhooks.webhooks import Webhook

    time = datetime.datetime.fromtimestamp(NOW, tz=datetime.timezone.utc)
    return [{"scheme": "standard", "body": body,
             "headers": {"webhook-id": f"py_{number}", "webhook-timestamp": str(NOW),
                         "webhook-signature": Webhook(STANDARD_SECRET).sign(f"py_{number}", time,
                                                                            body)}}
            for number, body in enumerate(BODIES)]


def by_node(folder: Path) -> list[Json]:
    asked = {"bodies": BODIES, "now": NOW, "standard_secret": STANDARD_SECRET,
             "shared_secret": SHARED_SECRET}
    done = subprocess.run(["node", str(HERE / "sign.mjs"), str(folder / "package.json")],
                          input=json.dumps(asked), capture_output=True, text=True, check=False,
                          timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"sign.mjs: {done.stderr}")
    return json.loads(done.stdout)


def question(message: Json, **changed: Any) -> Json:
    rule, secret = RULES[message["scheme"]]
    return {"source": {"name": "contract", "verification": rule}, "secret": secret, "now": NOW,
            "headers": message["headers"], "body": message["body"], **changed}


def questions(messages: list[Json]) -> list[tuple[str, str, Json]]:
    """What is asked, with the verdict that is right; more refusals than passes."""
    out = []
    for message in messages:
        name = f"{message['scheme']} of {message['body'][:20]!r}"
        refused = "SIGNATURE_INVALID"
        out.append((f"{name} verifies", "ok", question(message)))
        out.append((f"{name} with another body", refused,
                    question(message, body=message["body"] + " ")))
        out.append((f"{name} with another secret", refused,
                    question(message, secret="whsec_" + base64.b64encode(b"z" * 32).decode())))
        for header, value in message["headers"].items():
            less = {k: v for k, v in message["headers"].items() if k != header}
            out.append((f"{name} without {header}", refused, question(message, headers=less)))
            if header != "webhook-timestamp":
                other = {**message["headers"], header: value[:-3] + "AAA"}
                out.append((f"{name} with another {header}", refused,
                            question(message, headers=other)))
        if message["scheme"] == "standard":
            for shift in (-301, 301):
                out.append((f"{name} {shift} s away", "MESSAGE_STALE",
                            question(message, now=NOW + shift)))
    return out


def main() -> int:
    folder = Path(os.environ.get("KONTOR_BUILD_DIR", ".")) / "third_party"
    install_python(folder / "standardwebhooks" / "python")
    install_node(folder / "senders")
    messages = by_python(folder / "standardwebhooks" / "python") + by_node(folder / "senders")
    asked = questions(messages)
    done = subprocess.run([sys.argv[1]], input=json.dumps([q for _, _, q in asked]),
                          capture_output=True, text=True, check=True, timeout=60)
    failed = 0
    for (name, right, _), verdict in zip(asked, json.loads(done.stdout), strict=True):
        if verdict != right:
            failed += 1
            print(f"FAILED: {name}: {verdict}, not {right}")
    print(f"{len(messages)} messages of senders' packages, {len(asked)} checks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

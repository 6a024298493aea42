#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has what kontor signs checked by the Python and Node packages `standardwebhooks`.

Usage: verify_test.py PATH_OF_kontor_webhook_samples. The packages are installed into the build
folder, once. Where that cannot be done the test says so and exits with 77, which counts as skipped.
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

PYTHON_PACKAGE = "standardwebhooks==1.1.0"
NODE_PACKAGE = "standardwebhooks@1.1.1"
SKIPPED = 77
INSTALL_SECONDS_MAX = 120
HERE = Path(__file__).resolve().parent


def skip(why: str) -> NoReturn:
    print(f"SKIPPED: signatures were NOT checked against other implementations: {why}", flush=True)
    sys.exit(SKIPPED)


def run_or_skip(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              timeout=INSTALL_SECONDS_MAX)
    except (OSError, subprocess.TimeoutExpired) as error:
        skip(f"{what}: {error}")
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        skip(f"{what}: {lines[-1] if lines else 'no reason given'}")


def install_python(folder: Path) -> None:
    if (folder / "standardwebhooks").is_dir():
        return
    with_pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*with_pip, "--version"], capture_output=True, check=False).returncode != 0:
        found = shutil.which("pip3")
        if found is None:
            skip("there is no pip")
        with_pip = [found]
    run_or_skip([*with_pip, "install", "--quiet", "--disable-pip-version-check", "--target",
                 str(folder), PYTHON_PACKAGE], "pip could not install standardwebhooks")


def install_node(folder: Path) -> None:
    if (folder / "node_modules" / "standardwebhooks").is_dir():
        return
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        skip("there is no Node")
    folder.mkdir(parents=True, exist_ok=True)
    run_or_skip([npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder),
                 NODE_PACKAGE], "npm could not install standardwebhooks")


class Checks:
    def __init__(self) -> None:
        self.count = 0
        self.failures: list[str] = []

    def expect(self, condition: bool, what: str) -> None:
        self.count += 1
        if not condition:
            self.failures.append(what)


def check_with_python(given: dict[str, Any], folder: Path) -> Checks:
    sys.path.insert(0, str(folder))
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    def accepts(secret: str, body: str, headers: dict[str, str]) -> bool:
        try:
            Webhook(secret).verify(body, headers)
        except WebhookVerificationError:
            return False
        return True

    checks = Checks()
    for sample in given["samples"]:
        body, headers = sample["body"], sample["headers"]
        checks.expect(accepts(given["secret"], body, headers), "the new secret verifies")
        checks.expect(accepts(given["old_secret"], body, headers), "the old secret verifies")
        checks.expect(not accepts(given["unrelated_secret"], body, headers),
                      "an unrelated secret does not verify")
        checks.expect(not accepts(given["secret"], body + " ", headers),
                      "a changed body does not verify")
        for name, value in (("webhook-id", "evt_other"),
                            ("webhook-timestamp", str(int(headers["webhook-timestamp"]) + 1))):
            checks.expect(not accepts(given["secret"], body, {**headers, name: value}),
                          f"a changed {name} does not verify")
    return checks


def main() -> int:
    folder = Path(os.environ.get("KONTOR_BUILD_DIR", ".")) / "third_party" / "standardwebhooks"
    install_python(folder / "python")
    install_node(folder / "node")
    samples = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True,
                             timeout=30).stdout
    checks = check_with_python(json.loads(samples), folder / "python")
    print(f"{checks.count} checks by Python")
    for failure in checks.failures:
        print(f"FAILED: {failure}")
    node = subprocess.run(["node", str(HERE / "verify.mjs"), str(folder / "node" / "package.json")],
                          input=samples, text=True, check=False, timeout=60)
    return 1 if checks.failures or node.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())

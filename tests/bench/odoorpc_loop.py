# SPDX-License-Identifier: Apache-2.0
"""Invoices one by one through odoorpc, as its users write it: create, then action_post.

Run by odoo_bench.py with the Python that has odoorpc. Reads one JSON object from standard input:
host, port, db, login, password, invoices (values for account.move). Answers {"seconds": S}.
"""
from __future__ import annotations

import json
import sys
import time

import odoorpc

TIMEOUT_SECONDS = 600


def main() -> int:
    asked = json.load(sys.stdin)
    odoo = odoorpc.ODOO(asked["host"], protocol="jsonrpc", port=asked["port"],
                        timeout=TIMEOUT_SECONDS)
    odoo.login(asked["db"], asked["login"], asked["password"])
    moves = odoo.env["account.move"]
    began = time.monotonic()
    for values in asked["invoices"]:
        created = moves.create(values)
        moves.browse(created).action_post()
    print(json.dumps({"seconds": time.monotonic() - began}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

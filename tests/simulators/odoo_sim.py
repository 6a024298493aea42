#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts a simulated Odoo on loopback and prints one JSON line when it answers.

    python3 tests/simulators/odoo_sim.py --series 18.0 --port 0
"""
from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from odoo import addon, seed  # noqa: E402
from odoo.app import SERIES, Simulator  # noqa: E402
from odoo.server import Server  # noqa: E402


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Plays Odoo 17.0, 18.0 or 19.0.")
    parser.add_argument("--series", choices=sorted(SERIES), required=True)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--database", default="sim", help="name of the only database")
    parser.add_argument("--currency", choices=("EUR", "USD"), default="EUR",
                        help="EUR: the company of tests/live/fixtures.json; USD: the demo company")
    parser.add_argument("--fixtures", type=Path, default=seed.FIXTURES, metavar="FILE")
    parser.add_argument("--admin-password", default="admin")
    parser.add_argument("--state", type=Path, metavar="FILE",
                        help="read at start when it exists, written at the end")
    parser.add_argument("--now", metavar="YYYY-MM-DDTHH:MM:SS", help="a clock that stands still")
    parser.add_argument("--slow-ms", type=int, default=0, help="added to every call")
    parser.add_argument("--addon", action="store_true", help="with kontor_connector installed")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    sim = Simulator(options.series, options.database, options.fixtures, options.currency,
                    options.admin_password, options.now)
    sim.slow_ms = options.slow_ms
    sim.ready = seed.fill(sim)
    if options.addon:
        with sim.transaction():
            addon.install(sim)
    if options.state and options.state.exists():
        sim.restore(options.state)
    server = Server(sim, options.port)
    sim.ready = {"url": f"http://127.0.0.1:{server.server_address[1]}", **sim.ready}

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(json.dumps(sim.ready), flush=True)
    server.serve_forever(poll_interval=0.2)
    server.server_close()
    if options.state:
        sim.save(options.state)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays an expense platform: Concur, Ramp, or one that a mapping file describes.

    python3 tests/simulators/expense_sim.py --platform concur --port 0

Prints one JSON line when it listens. Control is under /_sim/: items, faults, recall, ready, state.
"""
from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from expense.platforms import PLATFORMS  # noqa: E402
from expense.server import serve  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description="An expense platform for tests.")
    parser.add_argument("--platform", choices=sorted(PLATFORMS), required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    server = serve(PLATFORMS[options.platform](), options.port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    port = server.server_address[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "port": port,
                      "platform": options.platform}), flush=True)
    stop.wait()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())

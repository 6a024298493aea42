#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the end-to-end suite against a real Odoo 17, 18 or 19. See README.md beside this file, or
# --help. It starts and stops only what it made itself.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
python=/usr/bin/python3
[[ -x "$python" ]] || python="$(command -v python3)"
export PYTHONDONTWRITEBYTECODE=1
exec "$python" "$here/runner.py" "$@"

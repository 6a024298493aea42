#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Makes the installable addons of one Odoo series from the one source beside this file:
#   odoo_addon/package.sh 17.0|18.0|19.0 [--out FOLDER]
# writes build/odoo_addon/<series>/<addon>/ and one zip an addon. What differs between the series is
# said in package.py. Needs Python 3.10 or later, nothing else.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
python=/usr/bin/python3
[[ -x "$python" ]] || python="$(command -v python3)"
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/package.py" "$@"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs ruff and pylint-odoo, in the versions of tests/addon/lint-requirements.txt, into
# build/lint-tools. What cannot be had is said and is no failure: the lint then says SKIPPED.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly wanted=tests/addon/lint-requirements.txt
readonly to=build/lint-tools
readonly seconds_max=300

missing() {
  echo "lint tools: $1; ruff and pylint-odoo will be SKIPPED"
  exit 0
}

if cmp -s "$wanted" "$to/installed.txt"; then
  echo "lint tools: installed"
  exit 0
fi
mkdir -p build
python3 -m venv "$to" >/dev/null 2>&1 || missing "python3 -m venv does not work here"
rm -f "$to/installed.txt"
timeout "$seconds_max" "$to/bin/pip" install --quiet --disable-pip-version-check \
  --requirement "$wanted" || missing "pip could not install the packages"
cp "$wanted" "$to/installed.txt"
echo "lint tools: installed"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Node packages of tests/e2e/connect (a Connect client, and buf) into build/node-tools,
# in the versions that the lock file names. What cannot be had is said and is no failure: the tests
# that need it then say SKIPPED.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly from=tests/e2e/connect
readonly to=build/node-tools
readonly seconds_max=300

missing() {
  echo "node tools: $1; the tests with a Connect client and buf will be SKIPPED"
  exit 0
}

install_node() {
  command -v apt-get >/dev/null || missing "there is no Node.js"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || missing "there is no Node.js, and no right to install it"
    as_root=(sudo -n)
  fi
  echo "node tools: installing nodejs and npm with apt-get"
  DEBIAN_FRONTEND=noninteractive timeout "$seconds_max" \
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null \
    || missing "Node.js could not be installed"
}

command -v npm >/dev/null || install_node
if cmp -s "$from/package-lock.json" "$to/installed.lock"; then
  echo "node tools: installed"
  exit 0
fi
mkdir -p "$to"
rm -f "$to/installed.lock"
cp "$from/package.json" "$from/package-lock.json" "$to"
# No package may run a program of its own while it is installed.
(cd "$to" && timeout "$seconds_max" npm ci --ignore-scripts --no-audit --no-fund --silent) \
  || missing "npm could not install the packages"
cp "$from/package-lock.json" "$to/installed.lock"
echo "node tools: installed"

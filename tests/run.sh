#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds everything and runs every ring but live.
#   tests/run.sh                 all rings
#   tests/run.sh -L unit         one ring (any ctest option may follow)
# The sanitizers are one command each: cmake --preset tsan && cmake --build --preset tsan &&
# ctest --preset tsan, and the same with asan-ubsan; the long chaos runs are in tests/chaos.
# Needs Debian 12; asks for root (or sudo) only when a package is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

cores="$(nproc)"
tests/setup/packages.sh test
tests/setup/node_tools.sh
tests/setup/lint_tools.sh

started=$SECONDS
cmake --preset release -DKONTOR_TESTS=ON -DKONTOR_WERROR=ON >build-configure.log 2>&1 \
  || { cat build-configure.log >&2; exit 1; }
rm -f build-configure.log
cmake --build --preset release --parallel "$cores"
echo "built in $((SECONDS - started)) s"

started=$SECONDS
set +e
ctest --test-dir build --output-on-failure --no-tests=error --parallel "$cores" "$@"
code=$?
set -e
echo "tested in $((SECONDS - started)) s"
exit "$code"

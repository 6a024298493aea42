#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz harness of a build for a number of seconds each, on a corpus that is kept in
# KONTOR_FUZZ_CORPUS (default: BUILD/corpus), seeded from tests/fuzz/seeds and, where they are, the
# bank samples. Ends with an error when a harness finds a crash, a leak or a time-out.
#   tests/fuzz/run.sh BUILD SECONDS [HARNESS ...]
set -euo pipefail

readonly here="$(cd "$(dirname "$0")" && pwd)"

seed() {
  # Statement harnesses take their first byte for how the others arrive.
  local harness="$1" corpus="$2" prefix="$3" file
  local samples="${KONTOR_SHARED:-$here/../../../shared}/bank-samples"
  for file in "$here/seeds/$harness"/* "$samples"/*/*; do
    [ -f "$file" ] || continue
    { printf '%b' "$prefix"; cat "$file"; } >"$corpus/seed-$(basename "$file")"
  done
}

main() {
  [ $# -ge 2 ] || { echo "usage: run.sh BUILD SECONDS [HARNESS ...]" >&2; exit 2; }
  local build="$1" seconds="$2" failed=0 harness corpus prefix
  shift 2
  [ $# -gt 0 ] || set -- camt pain001 pain002 mt bai2 nacha ofx csv lint dialect
  for harness in "$@"; do
    corpus="${KONTOR_FUZZ_CORPUS:-$build/corpus}/$harness"
    mkdir -p "$corpus"
    prefix='\0'
    case "$harness" in lint | dialect) prefix='' ;; esac
    seed "$harness" "$corpus" "$prefix"
    echo "fuzz: $harness for $seconds s"
    if ! "$build/bin/fuzz_$harness" "$corpus" -max_total_time="$seconds" -timeout=20 \
        -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$corpus/../found-$harness-"; then
      echo "fuzz: $harness FAILED" >&2
      failed=1
    fi
  done
  return $failed
}

main "$@"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what kontor needs from Debian 12's own packages, in one of two sets:
#   build   compiler, libraries, SQLite; enough for kontord, kontorctl, the SDK and the quickstart
#   test    the above, and what the tests use: PostgreSQL, Boost.Test, rapidcheck, Node.js
# Prints what it is about to install before it does, and nothing when all is there already.
set -euo pipefail

readonly build_packages=(
  build-essential cmake ninja-build ccache mold pkg-config ca-certificates
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libprotoc-dev
  libxmlrpc-c++8-dev libxmlrpc-core-c3-dev nlohmann-json3-dev
  libsoci-dev libsqlite3-dev libpq-dev libboost1.81-dev
  libcurl4-openssl-dev libssl-dev libssh-dev librnp-dev libxml2-dev libicu-dev
  libtomlplusplus-dev libcli11-dev
  prometheus-cpp-dev libspdlog-dev libfmt-dev libabsl-dev
  python3 openssl
)
readonly test_packages=(
  "${build_packages[@]}" libboost-test1.81-dev librapidcheck-dev
  postgresql postgresql-client sqlite3 curl python3-venv git openssh-server gnupg
)

main() {
  local set="${1:-build}" wanted=() missing=()
  case "$set" in
    build) wanted=("${build_packages[@]}") ;;
    test) wanted=("${test_packages[@]}") ;;
    *) echo "usage: packages.sh build|test" >&2; exit 2 ;;
  esac
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed \
      || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    echo "packages: all ${#wanted[@]} are installed"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    echo "packages: this is not Debian; install by hand what these provide: ${missing[*]}" >&2
    exit 1
  fi
  echo "packages: installing ${#missing[@]} of ${#wanted[@]} with apt-get:"
  printf '  %s\n' "${missing[@]}" | column -c 100 2>/dev/null || printf '  %s\n' "${missing[@]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "packages: run as root, or install sudo" >&2; exit 1; }
    as_root=(sudo)
  fi
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  echo "packages: done"
}

main "$@"

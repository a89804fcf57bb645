# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by quickstart and test: goes to the repository's root, installs what is missing, builds.
# After it, $build holds the build directory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/release

# What it takes to build, and the tools that generated hardware goes through.
# shellcheck disable=SC2034
packages=(
  g++ make cmake ninja-build
  libcli11-dev libfmt-dev nlohmann-json3-dev libeigen3-dev libxxhash-dev zlib1g-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  verilator yosys opensta qflow-tech-osu018
)

# is_installed PACKAGE
is_installed() {
  [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

# as_root COMMAND...
as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "these Debian packages are missing, and neither root nor sudo is at hand: ${missing[*]}" >&2
    exit 3
  fi
}

# install_missing PACKAGE...
install_missing() {
  local package
  missing=()
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if [[ ${#missing[@]} -gt 0 ]]; then
    echo "Installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
  fi
}

# build_target TARGET: in $build, by the preset of its name; says what it does on a terminal, and
# little anywhere else.
build_target() {
  local quiet=() preset=${build##*/}
  [[ -t 1 ]] || quiet=(-- --quiet)
  [[ -f $build/build.ninja ]] || cmake --preset "$preset" >/dev/null
  echo "Building $1"
  cmake --build --preset "$preset" --target "$1" "${quiet[@]}"
}

#!/bin/sh
# Compiles the unit tests of the native parts of our plugins by one of the presets, and runs them.
#
#   test.sh PRESET
#
# Runs in the compiler's container with the checker's packages, without network.
set -eu

fail() {
    echo "test.sh: $*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "one argument is expected, a preset of CMakePresets.json. Call it as: test.sh address"
source=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export LC_ALL=C.UTF-8
cmake --preset "$1" -S "$source" -B "$work" --log-level=WARNING
cmake --build "$work"
"$work/tests/unit"

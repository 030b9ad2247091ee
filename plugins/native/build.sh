#!/bin/sh
# Compiles the native parts of our plugins, one library for each plugin of the TABLE that has one
# (base/startup/plugins.table), into the folder OUT.
#
#   build.sh OUT TABLE
#
# Runs on the Debian suite and platform of the image, with the compiler's packages, without network.
# The same sources and packages give the same bytes.
set -eu

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

[ $# -eq 2 ] || fail "two arguments are expected, the folder to write to and the table of plugins." \
    "Call it as: build.sh OUT TABLE"
[ -r "$2" ] || fail "$2: it cannot be read. Name the table of plugins."
mkdir -p "$1"
out=$(cd "$1" && pwd)
table=$(realpath "$2")
source=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export LC_ALL=C.UTF-8
cmake --preset release -S "$source" -B "$work" --log-level=WARNING "-DPLUGINS=$table"
cmake --build "$work"
cmake --install "$work" --prefix "$out" > "$work/installed"

#!/bin/sh
# Runs clang-tidy over the native parts of our plugins, and over the patches of Debian's packages in COMPAT.
#
#   tidy.sh COMPAT
#
# Runs in the compiler's container with the checker's packages, without network. Whatever it says is an error.
set -eu

fail() {
    echo "tidy.sh: $*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "one argument is expected, the folder base/compat. Call it as: tidy.sh COMPAT"
compat=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export LC_ALL=C.UTF-8
cmake --preset plain -S "$source" -B "$work" --log-level=WARNING
cmake --build "$work" --target database/generated/OrthancDatabasePlugin.pb.h
# The tests are what the sanitizers look at; reading the headers of Catch2 would take most of the time.
find "$source" -path "$source/tests" -prune -o -name '*.cc' -print0 | sort -z \
    | xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p "$work"
# The names that these define, and their arguments, are given by the libraries that they stand before.
given=-bugprone-reserved-identifier,-readability-identifier-naming
given=$given,-readability-inconsistent-declaration-parameter-name,-readability-redundant-declaration
# shellcheck disable=SC2016 # the inner shell expands
find "$compat" -name '*.cc' -print0 | sort -z \
    | xargs -0 -n 1 -P "$(nproc)" sh -c 'clang-tidy --quiet --config-file="$1" --checks="$2" "$3" -- -std=c++20' \
        sh "$source/.clang-tidy" "$given"

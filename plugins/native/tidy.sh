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
# Clang-tidy matches its rules against all that a source includes, which takes far longer than to read it: five times.
# So the sources of a target are looked at as one unit, as they are compiled for the image.
cmake --preset plain -S "$source" -B "$work/units" --log-level=WARNING -DCMAKE_UNITY_BUILD=ON
cmake --preset plain -S "$source" -B "$work/alone" --log-level=WARNING
for build in units alone; do
    cmake --build "$work/$build" --target database/generated/OrthancDatabasePlugin.pb.h database/generated/statements.cc
done
# The tests are what the sanitizers look at; reading the headers of Catch2 would take most of the time.
find "$source" -path "$source/tests" -prune -o -name '*.cc' -print | sort > "$work/sources"
find "$work/units" \( -path "$work/units/tests" -o -name protocol.dir \) -prune -o -name 'unity_*_cxx.cxx' -print \
    | sort > "$work/unities"
# shellcheck disable=SC2046 # none of these names has a blank
cat $(cat "$work/unities") > "$work/held"
while read -r file; do
    if grep -qF "\"$file\"" "$work/held"; then echo "$file" >&3; else echo "$file" >&4; fi
done < "$work/sources" 3> "$work/in-units" 4> "$work/others"
headers=$(sed -n "s/^HeaderFilterRegex: '\(.*\)'$/\1/p" "$source/.clang-tidy")
# What GCC is told and clang does not know is no finding.
checked() {
    xargs -n 1 -P "$(nproc)" clang-tidy --quiet --config-file="$source/.clang-tidy" \
        --header-filter="$headers|^$source/.+[.]cc\$" --extra-arg=-Qunused-arguments "$@"
}
cat "$work/unities" "$work/others" | checked -p "$work/units"
# Alone, each of them is only read, so that an include that is missing is found.
checked -p "$work/alone" --checks=-*,bugprone-reserved-identifier < "$work/in-units"
# The names that these define, and their arguments, are given by the libraries that they stand before.
given=-bugprone-reserved-identifier,-readability-identifier-naming
given=$given,-readability-inconsistent-declaration-parameter-name,-readability-redundant-declaration
# shellcheck disable=SC2016 # the inner shell expands
find "$compat" -name '*.cc' -print0 | sort -z \
    | xargs -0 -n 1 -P "$(nproc)" sh -c 'clang-tidy --quiet --config-file="$1" --checks="$2" "$3" -- -std=c++20' \
        sh "$source/.clang-tidy" "$given"

#!/bin/sh
# Compiles the unit tests of the native parts of our plugins by one of the presets, and runs them.
#
#   test.sh PRESET ["unit database-tests"]    the tests that the preset is for, or these
#
# Runs in the compiler's container with the checker's packages, without network. The tests of database/ have servers of
# their own (servers.sh), which end with the script.
set -eu

fail() {
    echo "test.sh: $*" >&2
    exit 1
}

[ $# -eq 1 ] || [ $# -eq 2 ] ||
    fail "a preset of CMakePresets.json is expected, and perhaps tests. Call it as: test.sh address"
threaded="unit authorization-tests connectivity-tests worklists-tests transfers-tests pixels-tests advanced-tests"
case $1 in
    # Those whose plugins have threads, or share what several of Orthanc's threads ask for.
    thread) suites="$threaded database-tests" ;;
    # What a sanitizer changes: memory, and how workers end. That each source includes what it uses, clang-tidy sees too.
    plain) suites="unit pixels-tests masker-tests" ;;
    *) suites="$threaded explorer-tests masker-tests stl-tests database-tests" ;;
esac
suites=${2:-$suites}
source=$(cd "$(dirname "$0")" && pwd)

# shellcheck source=plugins/native/servers.sh
. "$source/servers.sh"

work=$(mktemp -d)
trap 'end_servers "$work"; rm -rf "$work"' EXIT

export LC_ALL=C.UTF-8 TSAN_OPTIONS="suppressions=$source/tests/thread.suppressions"
begin_servers "$work"
cmake --preset "$1" -S "$source" -B "$work/build" --log-level=WARNING
# shellcheck disable=SC2086 # several names
cmake --build "$work/build" --target $suites
await_servers "$work" || { cat "$work"/*.log; fail "a server does not answer. See above."; }

# The sanitizer of threads cannot work with every address that the kernel may choose (vm.mmap_rnd_bits above 28), and a
# container may not ask the kernel for others (personality). It then ends before the tests begin: the next start has
# other addresses.
for tests in $suites; do
    starts=0
    until "$work/build/tests/$tests" > "$work/said" 2>&1; do
        starts=$((starts + 1))
        if [ $starts -ge 50 ] || grep -q "^Randomness seeded" "$work/said"; then
            cat "$work/said"
            fail "a test failed, with the preset $1. See above."
        fi
    done
    cat "$work/said"
done

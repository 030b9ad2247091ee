#!/bin/sh
# Compiles the native part of our storage plugins, one library for each plugin of the TABLE that has one
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
cd "$(dirname "$0")"

# The version of the official plugins whose options and objects these have.
version=2.5.4

# Files that are read as a whole need the first form of the storage area, which Orthanc calls deprecated.
compile() {
    gcc -std=gnu17 -O2 -g0 -fPIC -fvisibility=hidden -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
        -Wall -Wextra -Werror -Wno-deprecated-declarations -shared -s -Wl,--build-id=none -Wl,-z,relro,-z,now -Wl,-z,noexecstack \
        -Wl,-z,noseparate-code -DNAME="\"$2\"" -DVERSION="\"$version\"" -o "$out/lib$1.so" storage.c
    chmod 0644 "$out/lib$1.so"
}

export LC_ALL=C.UTF-8
while IFS='|' read -r name _ _ _ _ _ title _; do
    title=${title# } title=${title% }
    case $name in
    '#'*) continue ;;
    esac
    [ -z "$title" ] || compile "Orthanc${name% }" "$title"
done <"$table"

#!/bin/sh
# Compiles the patches for Debian's packages (docs/compat.md) into the folder OUT.
#
#   build.sh OUT
#
# Runs on the Debian suite and platform of the image, with packages.txt installed, without network.
# The same sources and packages give the same bytes.
set -eu

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "one argument is expected, the folder to write to. Call it as: build.sh OUT"
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export LC_ALL=C.UTF-8
common="-O2 -g0 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wall -Wextra -Werror"
linked="-shared -s -Wl,--build-id=none -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,-z,noseparate-code"

# Exported by name: the soname that civetweb opens, the needed libraries behind it.
# shellcheck disable=SC2086  # the options are lists of words
{
    gcc -std=gnu17 $common $linked -Wl,-soname,libcrypto.so \
        -o "$work/libcrypto.so" libcrypto.c -Wl,--no-as-needed -lcrypto
    gcc -std=gnu17 $common $linked -Wl,-soname,libssl.so \
        -o "$work/libssl.so" libssl.c -Wl,--no-as-needed -lssl -lcrypto
    for source in thread_stacks lua_stack python_restart sequence_nesting orderly_stop sqlite_index; do
        g++ -std=c++20 $common -ftls-model=initial-exec -c -o "$work/$source.o" $source.cc
    done
    g++ $linked -Wl,--version-script,exports.map -Wl,-soname,liborthanc-compat.so \
        -o "$work/liborthanc-compat.so" "$work/thread_stacks.o" "$work/lua_stack.o" \
        "$work/python_restart.o" "$work/sequence_nesting.o" "$work/orderly_stop.o" \
        "$work/sqlite_index.o" \
        -Wl,--as-needed -ldcmtls -ldcmnet -ldcmdata -loflog -lofstd
}

# What exports.map and the sources name must be what was compiled, and what DCMTK has.
defines() {
    nm -D --defined-only "$1" | grep -q " [TW] $2\$" || fail "$1 does not define $2. See docs/compat.md, $3."
}
defines "$work/libssl.so" SSL_get_peer_certificate "patch 1"
sed -n 's/^    \(.*[^*]\);$/\1/p' exports.map > "$work/exports"
while read -r name; do
    defines "$work/liborthanc-compat.so" "$name" "exports.map"
done < "$work/exports"
reader=$(sed -n 's/^#define READ "\(.*\)"$/\1/p' sequence_nesting.cc)
defines "$work/liborthanc-compat.so" "$reader" "patch 3"
defines "$(gcc -print-file-name=libdcmdata.so)" "$reader" "patch 3: DCMTK has changed"
for name in ACCEPT DROP RECEIVE READ_TCP READ_TLS WAIT_TCP WAIT_TLS; do
    symbol=$(sed -n "s/^#define $name \"\(.*\)\"$/\1/p" orderly_stop.cc)
    library=libdcmnet.so
    [ "$name" = "${name%_TLS}" ] || library=libdcmtls.so
    defines "$work/liborthanc-compat.so" "$symbol" "patch 9"
    defines "$(gcc -print-file-name=$library)" "$symbol" "patch 9: DCMTK has changed"
done

for library in liborthanc-compat.so libssl.so libcrypto.so; do
    install -m 0644 "$work/$library" "$out/$library"
done

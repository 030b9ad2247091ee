#!/bin/sh
# Patches the root file system of an image in place (docs/compat.md).
#
#   apply.sh ROOT OUT
#
# ROOT is the root file system with Debian's packages unpacked, OUT the folder that build.sh wrote.
# Needs patchelf, grep and coreutils, and runs nothing of ROOT. A second run changes nothing.
# What is new has the time SOURCE_DATE_EPOCH (else that of the Orthanc binary); what is changed keeps its own.
set -eu
export LC_ALL=C

place=/usr/lib/orthanc-image/compat
libraries="liborthanc-compat.so libssl.so libcrypto.so"

fail() {
    echo "apply.sh: $*" >&2
    exit 1
}

[ $# -eq 2 ] || fail "two arguments are expected, the root file system and the folder written by build.sh. Call it as: apply.sh ROOT OUT"
root=${1%/}
out=${2%/}
orthanc=$root/usr/sbin/Orthanc

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The one file of ROOT that the pattern matches.
only() {
    [ $# -eq 1 ] && [ -f "$1" ] && [ ! -L "$1" ] && echo "$1" && return
    fail "$*: exactly one such file is expected. See docs/compat.md for what each patch changes."
}

# Whether FILE holds the dynamic symbol NAME.
holds() {
    grep -qzx -- "$2" "$1"
}

# Runs patchelf with the options on FILE, which keeps its time, owner and mode.
patch() {
    file=$1
    shift
    touch -r "$file" "$work/time"
    cp -- "$file" "$work/patched"
    patchelf "$@" "$work/patched" || fail "$file: patchelf failed. See its message above."
    cat "$work/patched" > "$file"
    touch -r "$work/time" "$file"
}

# Copies the libraries to their place in ROOT.
install_libraries() {
    touch -r "$orthanc" "$work/new"
    [ -z "${SOURCE_DATE_EPOCH:-}" ] || touch -d "@$SOURCE_DATE_EPOCH" "$work/new"
    touch -r "$root/usr/lib" "$work/parent"
    [ ! -d "$root/usr/lib/orthanc-image" ] || touch -r "$root/usr/lib/orthanc-image" "$work/middle"
    mkdir -p "$root$place"
    for library in $libraries; do
        [ -f "$out/$library" ] || fail "$out/$library: there is no such file. Run build.sh $out first."
        install -m 0644 "$out/$library" "$root$place/$library"
        touch -r "$work/new" "$root$place/$library"
    done
    [ -e "$work/middle" ] || cp -p "$work/new" "$work/middle"
    touch -r "$work/new" "$root$place"
    touch -r "$work/middle" "$root/usr/lib/orthanc-image"
    touch -r "$work/parent" "$root/usr/lib"
}

# Makes the Orthanc binary load the libraries before all others, so that what they define comes first.
load_with_orthanc() {
    set --
    for library in $libraries; do
        set -- "$@" --add-needed "$place/$library"
        echo "$place/$library"
    done > "$work/wanted"
    patchelf --print-needed "$orthanc" > "$work/needed" || fail "$orthanc: patchelf cannot read it."
    grep -qx "libdcmdata\.so\.[0-9]*" "$work/needed" \
        || fail "$orthanc: it is not linked to libdcmdata. See docs/compat.md, patch 3."
    grep -qx "liblua5\.3\.so\.0" "$work/needed" \
        || fail "$orthanc: it is not linked to Lua 5.3. See docs/compat.md, patch 5."
    grep -qx "libcivetweb\.so\.1" "$work/needed" \
        || fail "$orthanc: it is not linked to civetweb 1. See docs/compat.md, patch 9."
    grep -qx "libsqlite3\.so\.0" "$work/needed" \
        || fail "$orthanc: it is not linked to SQLite 3. See docs/compat.md, patch 12."
    grep -qaF "PRAGMA case_sensitive_like = true;" "$orthanc" \
        || fail "$orthanc: it opens its index in another way. See docs/compat.md, patch 12."
    grep -qxF -f "$work/wanted" "$work/needed" || patch "$orthanc" "$@"
    [ "$(patchelf --print-needed "$orthanc" | head -n 3 | sort)" = "$(sort "$work/wanted")" ] \
        || fail "$orthanc: it does not load the libraries of $place first. See docs/compat.md, patch 3."
}

[ -f "$orthanc" ] || fail "$orthanc: there is no such file. Install the package orthanc in $root first."
civetweb=$(only "$root"/usr/lib/*/libcivetweb.so.*.*)
holds "$civetweb" libssl.so \
    || fail "$(dirname "$civetweb"): civetweb does not open libssl.so. See docs/compat.md, patch 1: it may be time to remove it."
install_libraries
load_with_orthanc

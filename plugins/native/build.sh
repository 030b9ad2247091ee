#!/bin/sh
# Compiles the native part of our storage plugins, one library for each store, into the folder OUT.
#
#   build.sh OUT
#
# Runs on the Debian suite and platform of the image, with the compiler's packages, without network.
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
compile OrthancAwsS3Storage "AWS S3 Storage"
compile OrthancAzureBlobStorage "Azure Blob Storage"
compile OrthancGoogleCloudStorage "Google Cloud Storage"

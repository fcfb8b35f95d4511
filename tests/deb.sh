#!/bin/sh
# Tries the Debian packages of a folder in a fresh system: they satisfy lintian, install with nothing
# but what they depend on, paint, build a program on the library, and leave nothing behind.
#
#     sh tests/deb.sh FOLDER        (make deb-test, which makes them first)
#
# Needs root and debootstrap, and a mirror of Debian that apt here knows; lintian where it is there.
# DEBIAN_ROOT may name a system made by debootstrap, which is copied instead of made.
set -u
folder=$1

fail() {
    echo "deb: $*" >&2
    exit 1
}

[ "$(id -u)" = 0 ] || fail "needs root, for chroot and debootstrap"
[ -n "${DEBIAN_ROOT:-}" ] || command -v debootstrap >/dev/null || fail "needs debootstrap"

if command -v lintian >/dev/null; then
    lintian --fail-on error,warning --allow-root "$folder"/*.changes || fail "lintian complains"
    echo "deb: lintian is content"
else
    echo "deb: lintian is not installed: not asked"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-deb.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
root=$work/root
if [ -n "${DEBIAN_ROOT:-}" ]; then
    cp -a "$DEBIAN_ROOT" "$root"
else
    # shellcheck source=/dev/null
    . /etc/os-release
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
        2>/dev/null | sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)*\([^ ]*\).*/\2/p' | head -1)
    debootstrap --variant=minbase "$VERSION_CODENAME" "$root" "$mirror" >"$work/log" ||
        fail "debootstrap failed: $(tail -1 "$work/log")"
fi
cp "$folder"/stylize_*.deb "$folder"/stylize-weights_*.deb "$folder"/stylize-convert_*.deb \
    "$folder"/libstylize0_*.deb \
    "$folder"/libstylize-dev_*.deb "$root/root/" || exit 1

inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive HOME=/root sh -c "cd /root && $1" >"$work/log" 2>&1 || {
        tail -20 "$work/log" >&2
        fail "in the fresh system failed: $1"
    }
    echo "deb: in a fresh system: $1"
}

examples=/usr/share/doc/stylize/examples
inside "apt-get update -qq"
inside "apt-get install -y -qq --no-install-recommends ./stylize_*.deb"
inside "stylize --version -v"
inside "stylize --print weights | grep -qx vgg19-slim"
inside "stylize -q -s 64 -n 2 $examples/content-harbour.jpg $examples/style-storm.jpg out.png"
inside "test -s out.png"
inside "dpkg --verify stylize"
inside "apt-get install -y -qq --no-install-recommends ./stylize-weights_*.deb"
inside "stylize -q -s 64 -n 2 -w vgg16 $examples/content-harbour.jpg $examples/style-storm.jpg out.png"
inside "apt-get install -y -qq --no-install-recommends ./stylize-convert_*.deb"
inside "stylize-convert --raw /usr/share/stylize/vgg19-slim.safetensors again.safetensors"
inside "stylize-fetch vgg16 --from again.safetensors 2>&1 | grep 'not one of the published files'"
inside "dpkg --verify stylize-convert"
weights=/usr/share/stylize/vgg19-slim.safetensors
inside "apt-get install -y -qq --no-install-recommends ./libstylize0_*.deb python3-numpy"
inside "! ls /usr/include/stylize.h"
inside "python3 $examples/library.py $weights out.png again.png"
inside "test -s again.png"
inside "apt-get install -y -qq --no-install-recommends ./libstylize-dev_*.deb gcc libc6-dev pkgconf"
inside "cc $examples/library.c \$(pkg-config --cflags --libs stylize) -lm -o library"
inside "ldd library | grep 'libstylize.so.0 => /'"
inside "./library $weights out.png out.ppm"
inside "test -s out.ppm"
inside "dpkg --verify libstylize0 libstylize-dev"
inside "dpkg -L stylize stylize-convert libstylize0 libstylize-dev | sort -u >files"
inside "apt-get purge -y -qq stylize stylize-convert libstylize0 libstylize-dev"
inside "! dpkg-query --show stylize stylize-convert libstylize0 libstylize-dev"
# Folders that other packages have, too, stay.
inside "! grep stylize files | xargs ls -d 2>/dev/null | grep ."
echo "deb: 1 passed, 0 failed"

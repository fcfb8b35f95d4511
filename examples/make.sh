#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Makes the example pictures again from their sources, all or the named ones:
#
#     sh examples/make.sh [content-harbour] [content-still-life] [style-storm] [style-garden]
#
# Needs POV-Ray 3.7, a C compiler and libjpeg; on Debian and Ubuntu:
#
#     apt-get install povray gcc libc6-dev libjpeg-dev
#
# The paintings take under a minute each, the renderings some minutes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
sources=$here/sources
cc=${CC:-cc}
bytes=299000 # a picture's size at most

for tool in povray "$cc"; do
    command -v "$tool" >/dev/null || {
        echo "make.sh: $tool is not installed; see the top of this file" >&2
        exit 1
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$cc" -std=c11 -O2 -o "$work/to_jpeg" "$sources/to_jpeg.c" -ljpeg

# paint PICTURE PROGRAM
paint() {
    "$cc" -std=c11 -O2 -I "$sources" -o "$work/$2" "$sources/$2.c" "$sources/brush.c" -lm
    "$work/$2" >"$work/$1.ppm"
}

# render PICTURE SCENE THRESHOLD: the last is the contrast from which pixels are smoothed
render() {
    (cd "$sources" && povray "+I$2.pov" "+O$work/$1" +FP +W1280 +H853 -D +AM2 +R2 "+A$3") \
        >"$work/$1.log" 2>&1 || {
        tail -n 20 "$work/$1.log" >&2
        exit 1
    }
}

[ $# -gt 0 ] || set -- content-harbour content-still-life style-storm style-garden
for picture; do
    echo "make.sh: $picture"
    case $picture in
    content-harbour) render "$picture" harbour 0.15 ;;
    content-still-life) render "$picture" still_life 0.3 ;;
    style-storm) paint "$picture" paint_storm ;;
    style-garden) paint "$picture" paint_garden ;;
    *)
        echo "make.sh: no picture is called $picture" >&2
        exit 2
        ;;
    esac
    "$work/to_jpeg" "$work/$picture.ppm" "$here/$picture.jpg" $bytes
done

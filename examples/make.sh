#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Makes the example pictures again from their sources, all or the named ones:
#
#     sh examples/make.sh [content-harbour] [content-still-life] [content-portrait]
#                         [style-storm] [style-garden] [style-mosaic]
#
# The portrait comes with its mask and map, the mosaic with its map. Needs a C compiler, libjpeg and
# libpng, and POV-Ray 3.7 for the harbour and the still life; on Debian and Ubuntu:
#
#     apt-get install povray gcc libc6-dev libjpeg-dev libpng-dev
#
# The paintings and the portrait take about a minute each, the renderings some minutes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
sources=$here/sources
cc=${CC:-cc}
bytes=299000 # a picture's size at most

need() {
    command -v "$1" >/dev/null || {
        echo "make.sh: $1 is not installed; see the top of this file" >&2
        exit 1
    }
}

need "$cc"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# build PROGRAM PART...: from sources of the same names
build() {
    program=$1
    shift
    (cd "$sources" && "$cc" -std=c11 -O2 -o "$work/$program" "$program.c" "$@" -lm)
}

build to_jpeg pnm.c -ljpeg
build to_png pnm.c -lpng

# paint PICTURE PROGRAM
paint() {
    build "$2" brush.c
    "$work/$2" >"$work/$1.ppm"
}

# render PICTURE SCENE THRESHOLD: the last is the contrast from which pixels are smoothed
render() {
    need povray
    (cd "$sources" && povray "+I$2.pov" "+O$work/$1" +FP +W1280 +H853 -D +AM2 +R2 "+A$3") \
        >"$work/$1.log" 2>&1 || {
        tail -n 20 "$work/$1.log" >&2
        exit 1
    }
}

[ $# -gt 0 ] || set -- content-harbour content-still-life content-portrait style-storm style-garden \
    style-mosaic
for picture; do
    echo "make.sh: $picture"
    case $picture in
    content-harbour) render "$picture" harbour 0.15 ;;
    content-still-life) render "$picture" still_life 0.3 ;;
    content-portrait)
        build portrait portrait_shape.c portrait_hair.c portrait_noise.c
        "$work/portrait" "$work/$picture.ppm" "$work/mask.pgm" "$work/map.ppm"
        "$work/to_png" "$work/mask.pgm" "$here/regions/mask-portrait.png"
        "$work/to_png" "$work/map.ppm" "$here/regions/map-portrait.png"
        ;;
    style-storm) paint "$picture" paint_storm ;;
    style-garden) paint "$picture" paint_garden ;;
    style-mosaic)
        paint "$picture" paint_mosaic
        "$work/paint_mosaic" map >"$work/map.ppm"
        "$work/to_png" "$work/map.ppm" "$here/regions/map-mosaic.png"
        ;;
    *)
        echo "make.sh: no picture is called $picture" >&2
        exit 2
        ;;
    esac
    "$work/to_jpeg" "$work/$picture.ppm" "$here/$picture.jpg" $bytes
done

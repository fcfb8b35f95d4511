#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Paints the pictures docs/gallery-*.jpg again, which README.md shows, all or the named ones:
#
#     sh examples/gallery.sh [strength] [blend] [mask] [map] [color] [tile] [units] [layers]
#
# STYLIZE names the program where it is not build/stylize. Takes some minutes.
set -eu

examples=$(cd "$(dirname "$0")" && pwd)
docs=$examples/../docs
stylize=${STYLIZE:-$examples/../build/stylize}
harbour=$examples/content-harbour.jpg
still_life=$examples/content-still-life.jpg
portrait=$examples/content-portrait.jpg
storm=$examples/style-storm.jpg
garden=$examples/style-garden.jpg
mosaic=$examples/style-mosaic.jpg

paint() {
    name=$1
    shift
    "$stylize" --no-defaults -s 360 --quality 85 "$@" "$docs/gallery-$name.jpg"
}

[ $# -gt 0 ] || set -- strength blend mask map color tile units layers
for name; do
    case $name in
    strength) paint strength --strength 9 "$portrait" "$storm" ;;
    blend) paint blend --style-weights 1,1 "$harbour" "$storm" "$mosaic" ;;
    mask) paint mask --mask "$examples/regions/mask-portrait.png" "$portrait" "$storm" ;;
    map)
        paint map --strength 8 --content-map "$examples/regions/map-portrait.png" --style-map "$examples/regions/map-mosaic.png" \
            "$portrait" "$mosaic"
        ;;
    color) paint color --color match "$still_life" "$storm" ;;
    tile) paint tile --texture --tile -s 240x240 "$garden" ;;
    units) "$stylize" units --no-defaults --layer relu3_1 --pick 1-4 --quality 75 "$examples"/*.jpg "$docs/gallery-units.jpg" ;;
    layers) "$stylize" layers --no-defaults -s 112 --quality 80 "$mosaic" "$docs/gallery-layers.jpg" ;;
    *)
        echo "gallery.sh: there is no $name" >&2
        exit 2
        ;;
    esac
done

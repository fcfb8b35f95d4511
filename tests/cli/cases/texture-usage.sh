# What asks for a content where there is none is refused with a line, before anything is written.
try() {
    "$STYLIZE" "$@"
    echo "exit $?" >&2
}
try --texture style.png
try --texture
try --texture --fit pad style.png out.png
try --texture --color content style.png out.png
try --texture --mask alpha style.png out.png
try --texture --mask style.png style.png out.png
try --texture --content-map style.png style.png out.png
try --texture --beta 0 style.png out.png
try --texture --tile --tv-cost squares style.png out.png
try --tile content.png style.png out.png
try --texture -s 8x40 style.png out.png
try --texture missing.png out.png
try --texture style.png style.png style.png style.png style.png style.png style.png style.png style.png \
    style.png style.png style.png style.png style.png style.png style.png style.png out.png
ls

# Options of other programs of this kind are answered with what to write here.
try() {
    "$STYLIZE" "$@" content.png style.png out.png 2>&1
    [ $? -eq 2 ] || echo "$*: exit $?"
}
try -content_weight 5
try -style_image style.png
try -gpu 0
try -num_iterations=500
try --end-scale 1024
try -tw 2
try -o out.png
try --web
# A plain mistake gets the nearest name.
try --itterations 5
try --list-weight

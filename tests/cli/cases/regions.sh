# Masks, maps and weights of the content, each with an effect of its own; -v tells the colours.
R=$TESTS/images/regions
paint() {
    name=$1
    shift
    "$STYLIZE" --no-metadata -q -s 48 -n 5 content.png "$@" "$name.png" 2>&1 || echo "$name: exit $?"
    for other in *.png; do
        [ "$other" = "$name.png" ] || ! cmp -s "$other" "$name.png" || echo "$name is $other"
    done
}
paint none style.png
paint mask style.png --mask "$R/left.png"
paint masks style.png content.png --mask "$R/left.png,$R/right.png"
paint order content.png style.png --mask "$R/left.png,$R/right.png"
paint rest style.png content.png --mask "$R/left.png" --mask-rest
paint maps style.png --content-map "$R/content.png" --style-map "$R/style.png"
paint weight style.png --content-weight-map "$R/right.png"
paint both style.png --content-weight-map "$R/right.png" --mask="$R/left.png"
# The alpha of CONTENT is a mask like any other.
"$STYLIZE" --no-metadata -q -s 48 -n 5 "$R/faded.png" style.png --mask alpha alpha.png
"$STYLIZE" --no-metadata -q -s 48 -n 5 "$R/faded.png" style.png --mask "$R/left.png" same.png
cmp alpha.png same.png
"$STYLIZE" --no-metadata -v -s 48 -n 2 content.png style.png --content-map "$R/content.png" --style-map "$R/style.png" \
    out.png 2>&1 | grep -e '^region' -e '^content-map' -e '^style  *relu1_1' | sed 's/  */ /g; s/ [0-9].*%$/&/' |
    sed 's/^\(style [^ ]*\) .*/\1/; s|map .*/|map |'
"$STYLIZE" --no-metadata -v -s 48 -n 2 content.png style.png --mask "$R/left.png" out.png 2>&1 | grep -c '^region'
"$STYLIZE" --no-metadata --plan -s 48 content.png style.png style.png out.png --mask "$R/left.png,$R/right.png" | grep -c '^style'
"$STYLIZE" --no-metadata -q -s 40x20 --fit pad -n 2 content.png style.png --mask "$R/left.png" out.png

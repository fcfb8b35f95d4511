# What masks and maps cannot be is said in one line; nothing is written.
R=$TESTS/images/regions
refuse() {
    code=$1 words=$2
    shift 2
    "$STYLIZE" -n 2 content.png "$@" out.png >out 2>err
    status=$?
    [ $status -eq "$code" ] && [ ! -s out ] && [ ! -e out.png ] && [ "$(wc -l <err)" -eq 1 ] &&
        grep -q -e "^stylize: $words" err || echo "$*: exit $status, $(cat err)"
}
refuse 2 '--mask: 2 pictures for 1 style: give one for each, or one for all' style.png --mask "$R/left.png,$R/right.png"
refuse 2 '--mask: 2 pictures for 3 styles' style.png style.png style.png --mask "$R/left.png,$R/right.png"
refuse 2 '--mask: it is all black: paint white' style.png --mask "$R/black.png"
refuse 2 '--mask: picture 2: it is all black' style.png style.png --mask "$R/left.png,$R/black.png"
refuse 2 '--mask: 38x48 pixels are not of the shape of the content, 48x38' style.png --mask "$R/upright.png"
refuse 2 '--mask: there is no white in the part of the content that is used' style.png --mask "$R/edge.png" -s 20x38
refuse 2 '--mask: picture 2: there is no white in the part of the content that is used' style.png style.png --mask "$R/left.png,$R/edge.png" -s 20x38
refuse 2 '--mask-rest needs --mask' style.png --mask-rest
refuse 2 '--mask contradicts --content-map' style.png --mask "$R/left.png" --content-map "$R/content.png" --style-map "$R/style.png"
refuse 2 '--mask: a name is empty' style.png --mask "$R/left.png,"
refuse 1 '--mask: cannot open none.png' style.png --mask none.png
mkdir folder
refuse 1 '--mask: cannot read folder: it is a folder' style.png --mask folder
refuse 1 '--mask: alpha: CONTENT is nowhere transparent' style.png --mask alpha
refuse 1 '--mask: .*text.png' style.png --mask "$TESTS/images/text.png"
refuse 2 '--content-map and --style-map need each other: give a --style-map' style.png --content-map "$R/content.png"
refuse 2 '--content-map and --style-map need each other: give a --content-map' style.png --style-map "$R/style.png"
refuse 2 '--style-map: 1 pictures for 2 styles' style.png style.png --content-map "$R/content.png" --style-map "$R/style.png"
refuse 2 '--style-map: the colour #00ff00 (at 0,17; 50 % of the map) is not in --content-map' \
    style.png --content-map "$R/content.png" --style-map "$R/other.png"
refuse 2 '--style-map: picture 2: the colour #00ff00' \
    style.png style.png --content-map "$R/content.png" --style-map "$R/style.png,$R/other.png"
refuse 2 '--content-map: 48x32 pixels are not of the shape' style.png --content-map "$R/style.png" --style-map "$R/style.png"
refuse 2 '--style-map: 48x38 pixels are not of the shape of the style, 48x32' \
    style.png --content-map "$R/content.png" --style-map "$R/content.png"
refuse 1 '--style-map: cannot open none.png' style.png --content-map "$R/content.png" --style-map none.png
refuse 1 '--content-map: cannot open none.png' style.png --content-map none.png --style-map "$R/style.png"
refuse 2 '--content-weight-map: there is no white in the part of the content that is used' style.png --content-weight-map "$R/edge.png" -s 20x38
refuse 2 '--content-weight-map: it is all black' style.png --content-weight-map "$R/black.png"
refuse 1 '--content-weight-map: cannot open none.png' style.png --content-weight-map none.png
refuse 2 '-: --mask and --mask cannot both come from standard input' style.png style.png --mask -,-
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do list=$list,$R/left.png; done
refuse 2 '--mask: more than 16 names' style.png --mask "${list#,}"

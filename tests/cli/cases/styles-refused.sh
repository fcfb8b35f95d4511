# Numbers that do not fit the styles, and styles that cannot be read: one line, nothing is written.
refuse() {
    code=$1 words=$2
    shift 2
    "$STYLIZE" -n 2 content.png "$@" out.png >out 2>err
    status=$?
    [ $status -eq "$code" ] && [ ! -s out ] && [ ! -e out.png ] && [ "$(wc -l <err)" -eq 1 ] &&
        grep -q -e "^stylize: .*$words" err || echo "$*: exit $status, $(cat err)"
}
mkdir folder
refuse 2 'style-weights: 1 number for 2 styles: give one for each' style.png style.png --style-weights 1
refuse 2 'style-weights: 3 numbers for 2 styles' style.png style.png --style-weights 1,2,3
refuse 2 'style-weights: all are 0: at least one must be above 0' style.png style.png --style-weights 0,0
refuse 2 'style-weights: the sum is too large' style.png style.png --style-weights 1e308,1e308
refuse 2 "--style-weights: .*-1" style.png style.png --style-weights 1,-1
refuse 2 "--style-weights: .*x" style.png style.png --style-weights 1,x
refuse 2 'style-scale: 3 numbers for 2 styles: give one for each, or one for all' style.png style.png --style-scale 1,1,1
refuse 2 "--style-scale: .*0" style.png style.png --style-scale 1,0
refuse 1 'folder: it is a folder; name the picture in it, or of styles the pictures, as in folder/\*.jpg' style.png folder
refuse 1 'none.png: No such file' style.png none.png
refuse 1 '--style-scale: style.png would be used at 96000x64000 pixels' style.png style.png --style-scale 1,2000
cp style.png second.png
"$STYLIZE" content.png style.png second.png ./second.png 2>&1 || exit 0

# --at 32 says what is said of the picture brought to 32 pixels before; content and style follow the picture.
"$STYLIZE" -q -n 0 -s 32 --scales 1 --depth 16 style.png content.png small-style.png || exit 1
"$STYLIZE" -q -n 0 -s 32 --scales 1 --depth 16 content.png style.png small-content.png || exit 1
cp style.png picture.png
"$STYLIZE" -q -n 0 -s 32x25 --fit stretch --scales 1 --depth 16 picture.png style.png small.png || exit 1
"$STYLIZE" -q -n 0 -s 48x38 --fit stretch --upscale --scales 1 --depth 16 picture.png style.png large.png || exit 1
"$JUDGE" --at 32 content.png style.png large.png | tail -n 1 >at
"$STYLIZE" -q -n 0 -s 32 --scales 1 --depth 16 large.png style.png large-32.png || exit 1
"$JUDGE" content.png style.png large-32.png | tail -n 1 >before
"$JUDGE" small-content.png small-style.png large-32.png | tail -n 1 >all-before
"$JUDGE" content.png style.png large.png | tail -n 1 >whole
compare() {
    paste -d ' ' "$1" "$2" | awk -v names="$1 $2" '
        {
            for (i = 1; i <= 10; i++) {
                a = $i; b = $(i + NF / 2)
                if (a - b > .002 * (1 + a * a) || b - a > .002 * (1 + a * a))
                    different++
            }
            print names ": " different + 0 " differ"
        }'
}
compare at before
compare at all-before
cmp -s at whole && echo "--at changes nothing"
exit 0

# What cannot be is refused with one line, and OUT stays as it was.
echo old >out.png
units() {
    "$STYLIZE" units "$@" </dev/null 2>said
    status=$?
    sed "s|$TESTS|TESTS|; s|looked for .*|...|" said
    [ "$(cat out.png)" = old ] || echo "OUT was written"
    echo "$*: $status" | sed "s|$TESTS|TESTS|"
}
units
units out.png
units content.png style.png extra.gif
units '' out.png
units --layer relu9_1 content.png out.png
units --layer relu3_1,relu4_1 content.png out.png
units --layer relu3_1:2 content.png out.png
units --layer auto content.png out.png
units --layer '' content.png out.png
for pick in 0 9-1 1- -1 1,,2 1,2, a 1.5 ' 1' 257 250-300 1-99999999999999999999; do
    units --pick "$pick" content.png out.png
done
units --layer relu1_1 --pick 65 content.png out.png
units --pick 1-64 --max-pixels 100000 content.png out.png
units --max-pixels 1000 content.png out.png
units -s 15 content.png out.png
units -w vgg16,vgg19-slim content.png out.png
units -w nothing content.png out.png
units -w "$TESTS/golden/small16.safetensors" --layer relu5_3 content.png out.png
units content.png missing.png out.png
units content.png . out.png
units content.png "$TESTS/images/empty.png" out.png
units content.png out.png out.png
units - - out.png
units -q --progress content.png out.png
units --layer relu5_1 -s 16 content.png out.png
units --beta 3 content.png out.png
units -b3 content.png out.png
units --plan content.png out.png
units --colour content.png out.png
units --laier relu1_1 content.png out.png
units -k content.png out.png

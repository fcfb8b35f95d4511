# What cannot be is refused with one line, and OUT stays as it was.
echo old >out.png
layers() {
    "$STYLIZE" layers "$@" </dev/null 2>said
    status=$?
    sed "s|$TESTS|TESTS|; s|looked for .*|...|" said
    [ "$(cat out.png)" = old ] || echo "OUT was written"
    echo "$*: $status" | sed "s|$TESTS|TESTS|"
}
layers
layers out.png
layers content.png style.png out.png
layers content.png out.gif
layers missing.png out.png
layers out.png out.png
layers -s 0 "$TESTS/images/17x1.png" out.png
layers -s 15 content.png out.png
layers --max-pixels 10000 content.png out.png
layers -n 3,4 content.png out.png
layers -w vgg16,vgg19-slim content.png out.png
layers --alpha 0 content.png out.png
layers --layer relu1_1 content.png out.png
layers -q --progress content.png out.png

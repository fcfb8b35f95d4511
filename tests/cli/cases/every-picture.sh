# Every picture of the tests is painted or refused with one line that names it.
for picture in "$TESTS"/images/*.png "$TESTS"/images/*.jpg; do
    rm -f out.png
    "$STYLIZE" -q -w vgg19-slim -n 0 -s 32 --upscale "$picture" style.png out.png 2>err
    status=$?
    name=$(basename "$picture")
    if [ $status -eq 0 ]; then
        [ -s out.png ] && [ ! -s err ] || echo "$name: done, but"
    else
        [ $status -eq 1 ] && [ ! -e out.png ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "$name" err ||
            echo "$name: exit $status, $(cat err)"
    fi
done

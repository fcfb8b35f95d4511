# A picture that is no better than the start is no result: one line, no file, for every method.
grep -q memcheck.sh "$STYLIZE" && { echo "valgrind keeps numbers that are less than the least normal ones"; exit 77; }
for options in "--learning-rate 1e30" "--learning-rate 1e30 --optimizer gd" "--learning-rate 1e30 --optimizer adam" \
    "-b 1e36 --optimizer adam" "-a 1e38 --init ./content.png" "-a 1e38 --init random --optimizer adam"; do
    echo old >out.png
    for precision in fp32 bf16; do
        "$STYLIZE" --no-metadata -s 48 -n 20 --precision $precision $options content.png style.png out.png 2>err
        status=$?
        ways=" or smaller weights"
        [ $precision = fp32 ] || ways=", smaller weights or --precision fp32"
        [ $status -eq 1 ] && [ "$(cat out.png)" = old ] && [ "$(cat err)" = \
            "stylize: no step lowers the cost: use a smaller --learning-rate$ways" ] ||
            echo "$options: exit $status, $(cat err)"
    done
done
# Where nothing can be gained the start is the result.
"$STYLIZE" --no-metadata -s 0 -n 5 -b 0 --chroma-tv 0 content.png style.png a.png && cmp content.png a.png
"$STYLIZE" --no-metadata -w vgg19-slim -s 0 -n 5 --chroma-tv 0 --optimizer adam content.png content.png b.png && cmp content.png b.png

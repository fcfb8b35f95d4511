"$STYLIZE" -q -n 0 content.png style.png out.webp 2>/dev/null || { echo "without libwebp"; exit 77; }
"$STYLIZE" -q -n 0 -s 0 --no-metadata content.png style.png plain.png || exit
# 100 is exact; less is smaller.
"$STYLIZE" -q -n 0 -s 0 --no-metadata --quality 100 content.png style.png out.webp &&
    "$STYLIZE" -q -n 0 -s 0 --no-metadata out.webp style.png out.png && cmp plain.png out.png
last=1000000
for quality in 95 40 1; do
    "$STYLIZE" -q -n 0 -s 0 --quality $quality content.png style.png out.webp || exit
    size=$(wc -c <out.webp)
    [ "$size" -lt "$last" ] || echo "quality $quality: $size bytes after $last"
    last=$size
done
"$STYLIZE" -q -n 1 -s 32 content.png style.png out.webp && grep -a -c 'stylize {' out.webp

last=1000000
for quality in 100 95 40 1; do
    "$STYLIZE" --no-metadata -q -n 0 -s 0 --quality $quality content.png style.png out.jpg || exit
    size=$(wc -c <out.jpg)
    [ "$size" -lt "$last" ] || echo "quality $quality: $size bytes after $last"
    last=$size
done
# 95 is the default, and a PNG file needs none.
"$STYLIZE" --no-metadata -q -n 0 -s 0 --quality 95 content.png style.png out.jpg &&
    "$STYLIZE" --no-metadata -q -n 0 -s 0 content.png style.png other.jpg && cmp out.jpg other.jpg
"$STYLIZE" --no-metadata -q -n 0 -s 0 --quality 5 content.png style.png out.png && cmp content.png out.png

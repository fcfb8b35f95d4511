# Pictures on the way have the size of their stage, and their numbers go on over all stages.
size() {
    od -An -tu1 -j 16 -N 8 "$1" | awk '{ print 256 * $3 + $4 "x" 256 * $7 + $8 }'
}
"$STYLIZE" --no-metadata --scales 24,48 -n 4,4 --save-every 2 content.png style.png out.png || exit
for picture in out*; do
    echo "$picture $(size "$picture")"
done
# The last is the result's own iteration; the start of a stage is no iteration.
cmp out-0008.png out.png

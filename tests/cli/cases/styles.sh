# Several styles: all of them count, by their weights and scales; the log and the plan have each.
cp "$ROOT/examples/style-storm.jpg" storm.jpg
paint() {
    name=$1
    shift
    "$STYLIZE" --no-metadata -q -s 48 -n 5 content.png "$@" "$name.png" 2>&1 || echo "$name: exit $?"
}
paint one storm.jpg
paint other style.png
paint both storm.jpg style.png
paint first storm.jpg style.png --style-weights 1,0
paint second storm.jpg style.png --style-weights 0,.5
paint more storm.jpg style.png --style-weights 3,1
paint same storm.jpg style.png --style-weights 6,2
paint scaled storm.jpg style.png --style-scale 1,.6
paint all-scaled storm.jpg style.png --style-scale .6,.6
paint one-for-all storm.jpg style.png --style-scale .6
cmp first.png one.png
cmp second.png other.png
cmp more.png same.png
cmp all-scaled.png one-for-all.png
sha256sum one.png other.png both.png more.png scaled.png one-for-all.png | cut -d ' ' -f 1 | sort -u | wc -l
"$STYLIZE" --no-metadata -s 48 -n 1 content.png storm.jpg style.png style.png out.png --style-scale 1,.5,2 --log - |
    sed -n 's/.*"style":\(\[[^]]*\]\).*"style_size":\(\[.*\]\),"size".*/\1 \2/p'
"$STYLIZE" --no-metadata --plan -s 48 content.png storm.jpg style.png out.png --style-scale 1,2 | sed -n 's/^style: //p'
"$STYLIZE" --no-metadata -v -s 48 -n 0 content.png storm.jpg style.png out.png 2>&1 | grep '^content 48'

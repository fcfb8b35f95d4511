"$STYLIZE" -q -n 0 content.png style.png out.tif 2>/dev/null || { echo "without libtiff"; exit 77; }
"$STYLIZE" -q -n 0 -s 0 --no-metadata content.png style.png plain.png || exit
# What goes into a TIFF comes out of it, at either depth; without an iteration nothing else happens.
for depth in 8 16; do
    "$STYLIZE" -q -n 0 -s 0 --no-metadata --depth $depth content.png style.png out.tiff &&
        "$STYLIZE" -q -n 0 -s 0 --no-metadata out.tiff style.png out.png && cmp plain.png out.png
    od -An -tx1 -N 4 out.tiff
done
"$STYLIZE" -q -n 0 -s 0 --no-metadata - style.png out.png <out.tiff && cmp plain.png out.png
cat out.tiff | "$STYLIZE" -q -n 0 -s 0 --no-metadata - style.png out.png && cmp plain.png out.png
# How it was made goes along.
"$STYLIZE" -q -n 1 -s 32 content.png style.png out.tif && grep -a -c 'stylize {' out.tif

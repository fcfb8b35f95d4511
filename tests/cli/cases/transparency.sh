# Kept in a PNG file of either depth, laid over white in a JPEG file.
picture=$TESTS/images/orientation-6-alpha.png
"$STYLIZE" --no-metadata -q -n 0 -s 0 "$picture" style.png out.png && od -An -tu1 -j 24 -N 2 out.png
"$STYLIZE" --no-metadata -q -n 0 -s 0 out.png style.png again.png && cmp out.png again.png
"$STYLIZE" --no-metadata -q -n 1 -s 32 --depth 16 "$picture" style.png out.png && od -An -tu1 -j 24 -N 2 out.png
"$STYLIZE" --no-metadata -q -n 1 -s 0 --precision fp32 --init again.png "$picture" again.png out.png && od -An -tu1 -j 24 -N 2 out.png
# The style's and the start's own is of no concern.
"$STYLIZE" --no-metadata -q -n 0 -s 0 --init again.png content.png again.png out.png && od -An -tu1 -j 24 -N 2 out.png
"$STYLIZE" --no-metadata -q -n 0 -s 0 "$picture" style.png out.jpg && od -An -tx1 -N 3 out.jpg

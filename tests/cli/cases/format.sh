# Of what has no extension to tell it.
for format in png jpeg; do
    "$STYLIZE" -q -n 0 --format $format content.png style.png - | { od -An -tx1 -N 3; cat >/dev/null; }
    "$STYLIZE" -q -n 0 --format $format content.png style.png picture && od -An -tx1 -N 3 picture
done
"$STYLIZE" -q -n 0 --format jpeg content.png style.png out.jpeg && od -An -tx1 -N 3 out.jpeg
# An extension that asks for another, and what a JPEG has no room for.
for out in out.png -; do
    "$STYLIZE" -q -n 0 --format jpeg --depth 16 content.png style.png $out 2>&1 | cat
done
"$STYLIZE" -q -n 0 --format gif content.png style.png out 2>&1
"$STYLIZE" -q -n 0 content.png style.png out 2>&1
ls

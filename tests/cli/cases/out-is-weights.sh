# A file of weights may have any name, that of a picture too.
cp "$TESTS/golden/small16.safetensors" out.png
"$STYLIZE" -w ./out.png content.png style.png out.png
status=$?
cmp "$TESTS/golden/small16.safetensors" out.png && exit $status

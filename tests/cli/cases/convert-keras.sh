# From Keras to a picture, with the defaults; the file says what it is.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
"$CONVERT" "$TESTS/networks/keras-model.h5" made.safetensors || exit 1
"$CONVERT" --verify made.safetensors || exit 1
"$STYLIZE" -q -n 1 -s 32 -w made.safetensors content.png style.png out.png || exit 1
[ -s out.png ] && head -c 900 made.safetensors | tr ',' '\n' | grep -a -E 'normalized|source"|license|converter'
exit 0

"$STYLIZE" -w "$TESTS/golden/small16.safetensors" --style-layers relu5_4 content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

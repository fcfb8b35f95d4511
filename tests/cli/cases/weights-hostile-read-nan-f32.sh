"$STYLIZE" -w "$TESTS/hostile/read-nan-f32.safetensors" content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

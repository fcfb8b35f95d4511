"$STYLIZE" -w "$TESTS/hostile/offsets-real.safetensors" content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

"$STYLIZE" -w "$TESTS/hostile/empty.safetensors" content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

"$STYLIZE" -w "$TESTS/hostile/ranges-overlap.safetensors" content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

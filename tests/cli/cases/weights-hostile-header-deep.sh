"$STYLIZE" -w "$TESTS/hostile/header-deep.safetensors" content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

"$STYLIZE" "$TESTS/images/bomb.png" style.png out.png
status=$?
[ ! -e out.png ] && exit $status

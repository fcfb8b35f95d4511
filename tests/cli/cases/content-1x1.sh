"$STYLIZE" "$TESTS/images/1x1.png" style.png out.png
status=$?
[ ! -e out.png ] && exit $status

"$STYLIZE" "$TESTS/images/corrupt.png" style.png out.png
status=$?
[ ! -e out.png ] && exit $status

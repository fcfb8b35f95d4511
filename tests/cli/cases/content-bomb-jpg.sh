"$STYLIZE" "$TESTS/images/bomb.jpg" style.png out.png
status=$?
[ ! -e out.png ] && exit $status

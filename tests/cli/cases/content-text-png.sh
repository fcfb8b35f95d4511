"$STYLIZE" "$TESTS/images/text.png" style.png out.png
status=$?
[ ! -e out.png ] && exit $status

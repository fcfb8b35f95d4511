"$STYLIZE" content.png "$TESTS/images/1x17.png" out.png -s 0
status=$?
[ ! -e out.png ] && exit $status

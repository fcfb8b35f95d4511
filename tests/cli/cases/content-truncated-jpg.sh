"$STYLIZE" "$TESTS/images/truncated.jpg" style.png out.png
status=$?
[ ! -e out.png ] && exit $status

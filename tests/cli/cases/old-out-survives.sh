echo old >out.png
"$STYLIZE" content.png "$TESTS/images/truncated.png" out.png
status=$?
cat out.png
exit $status

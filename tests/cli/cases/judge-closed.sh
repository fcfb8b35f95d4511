# With standard output closed figures go nowhere: a failure, and no other file or channel gets them.
grep -q memcheck.sh "$STYLIZE" && { echo "valgrind opens files of its own in the place of closed streams"; exit 77; }
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
"$JUDGE" content.png style.png content.png >&-
echo "exit $?"
"$JUDGE" content.png style.png content.png content.png >&- 2>&- <&-
echo "exit $?"
"$CONVERT" --hashes "$TESTS/networks/keras-notop.h5" >&-
echo "exit $?"

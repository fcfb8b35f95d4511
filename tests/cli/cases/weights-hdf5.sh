# What is to be done is said, and the picture not begun.
"$STYLIZE" -w "$TESTS/hostile/other-hdf5.pth" content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

mkdir folder
"$STYLIZE" -n 1000000 --log folder content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

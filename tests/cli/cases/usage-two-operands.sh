"$STYLIZE" content.png style.png
status=$?
[ ! -e out.png ] && exit $status

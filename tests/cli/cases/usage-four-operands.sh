"$STYLIZE" content.png style.png out.png extra.png
status=$?
[ ! -e out.png ] && exit $status

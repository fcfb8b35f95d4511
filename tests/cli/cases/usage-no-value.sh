"$STYLIZE" content.png style.png out.png -a
status=$?
[ ! -e out.png ] && exit $status

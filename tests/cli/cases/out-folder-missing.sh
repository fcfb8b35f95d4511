"$STYLIZE" content.png style.png none/out.png
status=$?
[ ! -e out.png ] && exit $status

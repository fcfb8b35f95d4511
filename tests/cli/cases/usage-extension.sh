"$STYLIZE" content.png style.png out.gif
status=$?
[ ! -e out.gif ] && exit $status

"$STYLIZE" --tv=1e999 content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

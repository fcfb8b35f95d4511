"$STYLIZE" --alpha=nan content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

"$STYLIZE" --alpha=1x content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

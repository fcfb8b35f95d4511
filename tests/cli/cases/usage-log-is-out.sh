"$STYLIZE" --log out.png content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

"$STYLIZE" content.png none.jpg out.png
status=$?
[ ! -e out.png ] && exit $status

mkdir folder.png
"$STYLIZE" content.png style.png folder.png
status=$?
[ ! -e out.png ] && exit $status

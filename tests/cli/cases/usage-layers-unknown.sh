"$STYLIZE" --content-layers relu1_9 content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

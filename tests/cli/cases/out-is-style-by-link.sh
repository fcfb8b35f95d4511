ln -s style.png out.png
cp style.png before.png
"$STYLIZE" content.png style.png out.png
status=$?
cmp before.png style.png && exit $status

cp content.png before.png
"$STYLIZE" content.png style.png content.png
status=$?
cmp before.png content.png && exit $status

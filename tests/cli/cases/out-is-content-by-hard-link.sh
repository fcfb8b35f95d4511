ln content.png out.png
cp content.png before.png
"$STYLIZE" content.png style.png ./out.png
status=$?
cmp before.png content.png && exit $status

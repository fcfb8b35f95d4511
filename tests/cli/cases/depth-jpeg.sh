echo old >out.jpg
"$STYLIZE" --depth 16 content.png style.png out.jpg
status=$?
[ "$(cat out.jpg)" = old ] && exit $status

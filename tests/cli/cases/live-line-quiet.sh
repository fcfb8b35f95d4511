command -v script >/dev/null || exit 0
script -qec '"$STYLIZE" -q -s 48 -n 20 content.png style.png out.png' /dev/null

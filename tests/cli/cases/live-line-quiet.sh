script -qec true /dev/null >/dev/null 2>&1 || { echo "no pseudo-terminal here"; exit 77; }
script -qec '"$STYLIZE" -q -s 48 -n 20 content.png style.png out.png' /dev/null

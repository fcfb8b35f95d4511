"$STYLIZE" -s 48 -n 2 --log - content.png style.png out.png | grep -c '^{.*}$'
[ ! -e ./- ]

"$STYLIZE" -n 5 -s 48 -n 1 content.png style.png out.png --log - | grep -c '"iteration":'

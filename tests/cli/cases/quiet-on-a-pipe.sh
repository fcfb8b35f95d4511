"$STYLIZE" -s 48 -n 2 content.png style.png out.png 2>&1 | wc -c | tr -d " "

"$STYLIZE" -q none.png style.png out.png

"$STYLIZE" -q --progress content.png style.png out.png

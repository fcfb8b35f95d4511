"$STYLIZE" content.png "" out.png

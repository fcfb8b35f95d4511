"$STYLIZE" --plan none.png style.png

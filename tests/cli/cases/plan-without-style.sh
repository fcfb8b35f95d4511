"$STYLIZE" --plan content.png

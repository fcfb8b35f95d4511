"$STYLIZE" --print manual

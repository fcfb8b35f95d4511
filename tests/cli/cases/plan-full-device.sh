"$STYLIZE" --plan -s 48 content.png style.png >/dev/full

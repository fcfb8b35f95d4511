"$STYLIZE" --color both content.png style.png out.png

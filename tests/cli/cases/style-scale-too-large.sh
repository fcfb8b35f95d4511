"$STYLIZE" --style-scale 1e300 content.png style.png out.png

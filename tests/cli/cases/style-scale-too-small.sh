"$STYLIZE" --style-scale 4.9e-324 content.png style.png out.png

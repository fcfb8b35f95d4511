"$STYLIZE" --plan --style-layers relu5_4 content.png style.png

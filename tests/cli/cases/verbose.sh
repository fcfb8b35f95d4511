"$STYLIZE" -v -n 1 content.png style.png out.png 2>&1 | grep -E "^(beta|learning-rate|style-layers|content |style +relu5_1)"

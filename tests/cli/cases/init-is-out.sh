"$STYLIZE" -s 48 -n 2 content.png style.png out.png &&
    "$STYLIZE" -s 48 -n 2 --init out.png content.png style.png out.png && [ -s out.png ]

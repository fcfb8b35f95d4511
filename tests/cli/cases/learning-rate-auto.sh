# What -v and --help show as the default may be said.
"$STYLIZE" -s 48 -n 2 content.png style.png a.png &&
    "$STYLIZE" -s 48 -n 2 --learning-rate 5 --learning-rate auto content.png style.png b.png && cmp a.png b.png

cat content.png | "$STYLIZE" -n 0 -s 0 /dev/stdin style.png out.png && cmp content.png out.png

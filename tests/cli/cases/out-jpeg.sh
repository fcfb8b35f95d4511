"$STYLIZE" -s 48 -n 1 content.png style.png out.JPG
od -An -tx1 -N 3 out.JPG

echo old >out.png
"$STYLIZE" -s 48 -n 1 content.png style.png out.png
od -An -c -N 4 out.png

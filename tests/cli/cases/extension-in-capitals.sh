"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png OUT.PNG && cmp content.png OUT.PNG
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png out.JPEG && head -c 3 out.JPEG | od -An -tx1 | tr -d ' '

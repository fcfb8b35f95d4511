cat content.png | "$STYLIZE" --no-metadata -n 0 -s 0 /dev/stdin style.png out.png && cmp content.png out.png
mkfifo content style
cat content.png >content &
cat style.png >style &
"$STYLIZE" --no-metadata -n 1 -s 48 content style a.png && "$STYLIZE" --no-metadata -n 1 -s 48 content.png style.png b.png && cmp a.png b.png

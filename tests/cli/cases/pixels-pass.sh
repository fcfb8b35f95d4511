# Where no size changes pixels pass exactly, through files of every kind.
"$STYLIZE" --no-metadata -n 0 -s 0 --init content.png style.png content.png a.png >/dev/null 2>&1
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png b.png && cmp content.png b.png

# Said before the work, not after it.
ln -s none.png out.png
"$STYLIZE" -n 1000000 content.png style.png out.png

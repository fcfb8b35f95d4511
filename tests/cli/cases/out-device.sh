ln -s /dev/null out.png
"$STYLIZE" -n 1000000 content.png style.png out.png

cp content.png -- -x.png
"$STYLIZE" -s 48 -n 1 -- -x.png style.png out.png && [ -s out.png ]

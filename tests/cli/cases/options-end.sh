cp content.png -- -x.png
"$STYLIZE" -n 1 -- -x.png style.png out.png && [ -s out.png ]

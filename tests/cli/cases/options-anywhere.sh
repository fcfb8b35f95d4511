"$STYLIZE" content.png -n1 style.png --beta .2 out.png -q
"$STYLIZE" -qn 1 --beta=.2 content.png style.png other.png
cmp out.png other.png

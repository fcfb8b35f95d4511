"$STYLIZE" content.png -n1 style.png -s48 --beta .2 out.png -q
"$STYLIZE" -s 48 -qn 1 --beta=.2 content.png style.png other.png
cmp out.png other.png

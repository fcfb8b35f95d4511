# JSON holds UTF-8 alone: other bytes of a name are replaced.
name=$(printf 'b\344r.png')
cp content.png "$name"
"$STYLIZE" -s 48 -n 0 --log - "$name" style.png out.png | grep -o '"content":"[^"]*"'

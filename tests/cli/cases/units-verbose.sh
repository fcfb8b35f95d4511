# -v says where patches are from, each inside its picture and none twice; a unit that nothing excites
# has a grey block, and a note unless -q is given.
"$STYLIZE" units -v --layer relu1_2 --pick 7,2-3 content.png style.png out.png 2>said || exit
grep '^unit' said
grep -c '^  [0-9.]* at [0-9]*,[0-9]* of [a-z]*.png$' said
sed -n 's/^  .* at \([0-9]*\),\([0-9]*\) of \(.*\)/\1 \2 \3/p' said | awk '
    $1 > 48 - 5 || $2 > ($3 == "content.png" ? 38 : 32) - 5 { print "outside: " $0 }'
awk '/^unit/ { last = 1e9; next } $1 > last { print "not in order: " $0 } { last = $1 }' said
"$STYLIZE" units --layer relu1_1 --pick 1-12 "$TESTS/images/1x1.png" out.png
"$STYLIZE" units -q --layer relu1_1 --pick 1-12 "$TESTS/images/1x1.png" other.png
cmp out.png other.png
# Progress is shown where it is asked for.
"$STYLIZE" units --progress content.png style.png out.png 2>&1

# The page of a sheet has no control characters either, and no markup but its own.
"$STYLIZE" plot none.jsonl out.svg 2>&1 | grep -q 'without cairo' && echo 'built without cairo' && exit 77
name=$(printf 'o\033\302\233\177\302\205<b>.png')
cp content.png "$name"
"$STYLIZE" -q -s 32 -n 0 --scales 1 --sweep beta=1,2 --sweep-size 24 "$name" style.png sheet.png || exit
LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177\200-\237]')" sheet.html
grep -c '<b>' sheet.html
sed -n 's,^<pre>\(.*\)</pre>$,\1,p' sheet.html

# What cannot be painted is a grey cell with the reason; the others are painted. When none can, nothing is
# written.
"$STYLIZE" plot none.jsonl out.svg 2>&1 | grep -q 'without cairo' && echo 'built without cairo' && exit 77
echo '{"iterations": 1, "beta": 50}' >soft.json
echo '{"iterations": 1, "mask": "none.png"}' >wild.json
"$STYLIZE" --compare soft.json,wild.json --sweep-size 32 --scales 1 content.png style.png out.png
echo "exit $?"
grep -o 'class="none".*cannot open none.png' out.html | sed 's/.*>//'
grep -c '<img' out.html
grep '<pre>' out.html
rm out.*
"$STYLIZE" --sweep mask=a.png,b.png --sweep-size 32 content.png style.png out.png
echo "exit $?"
ls

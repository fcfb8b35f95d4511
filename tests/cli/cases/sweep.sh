# Each cell has its picture, costs and a command; the command paints that picture.
"$STYLIZE" plot none.jsonl out.svg 2>&1 | grep -q 'without cairo' && echo 'built without cairo' && exit 77
"$STYLIZE" -s 32 -n 2 --scales 1 --sweep beta=10,1000 content.png style.png --sweep tv=0..4+3 \
    --sweep-size 24 -j 1 "sh'e&t.png" || exit
ls
# 2x3 cells of 24x19
od -An -tu1 -j 16 -N 8 "sh'e&t.png"
grep -c '<img width="24" height="19" .*src="data:image/jpeg;base64,/9j/' "sh'e&t.html"
grep -c '<dt>cost</dt>' "sh'e&t.html"
grep 'content error' "sh'e&t.html" # none was measured
grep -o '<t[hd] scope.*' "sh'e&t.html" | sed 's/<[^>]*>/ /g'
sed -n 's,^<pre>\(.*\)</pre>$,\1,p' "sh'e&t.html" | sed "s/&#39;/'/g; s/&amp;/\&/g" >commands
cat commands
# at the size of the sheet it has the cost that the page tells
sed -n 2p commands | sed "s,^stylize,\"\$STYLIZE\" -v," >second
. ./second 2>err
ls ./*1000*
"$STYLIZE" -s 24 -j 1 -n 2 --scales 1 -v --beta 1000 --tv 0 content.png style.png alone.png 2>err
cost=$(awk '$1 == "total" { print $4 }' err)
grep '<dt>cost</dt>' "sh'e&t.html" | sed -n 2p | sed 's/<[^>]*>/ /g; s/cost//' | awk -v cost="$cost" \
    '{ print ($1 > 0 && $1 / cost > 0.9999 && $1 / cost < 1.0001) ? "same cost" : "other cost: " $1 " " cost }'

# The kinds of style cost paint different pictures, the same for any number of threads; the log, the recipe and
# the plan know of them, and -v tells the terms as style.
for kind in gram covariance moments bures; do
    "$STYLIZE" -n 4 --style-cost "$kind" --log "$kind.jsonl" content.png style.png "$kind.png"
    "$STYLIZE" -n 4 --style-cost "$kind" -j 1 content.png style.png again.png && cmp "$kind.png" again.png
    grep -o "\"style_cost\":\"$kind\"" "$kind.jsonl"
    [ "$kind" = gram ] || ! cmp -s gram.png "$kind.png" || echo "$kind changes nothing"
    "$STYLIZE" --style-cost "$kind" --print recipe | grep -c "\"style_cost\": \"$kind\""
    "$STYLIZE" -v -n 1 --style-cost "$kind" content.png style.png out.png 2>&1 | grep -c '^style  *relu[1-5]_1 '
done
"$STYLIZE" --style-cost gramm content.png style.png out.png 2>&1

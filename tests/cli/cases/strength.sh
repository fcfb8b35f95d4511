# A weight of the content is found for a strength; the table of -v and the log tell it. Weights that
# are given stay. What is no strength is refused, from JSON, too.
paint() {
    "$STYLIZE" -v -n 22 -w vgg19-slim --log log.jsonl "$@" content.png style.png out.png 2>found || exit
    grep -c '^strength: alpha .* leaves a content error of [0-9.]*$' found
    grep -o '"alpha":[^,]*' log.jsonl | sed -n '2,$p' | sort -u | wc -l | tr -d ' '
}
paint --strength 7.5
paint -S 2
paint --strength 2 --beta 300
grep -o '"strength":[^,]*\|"content_error":null' log.jsonl | sort -u
for bad in -1 10.1 much ''; do
    "$STYLIZE" --strength "$bad" content.png style.png out.png 2>&1
done
echo '{"strength": 11}' >r.json
"$STYLIZE" --recipe r.json content.png style.png out.png 2>&1
echo '{"strength": 8}' >r.json
"$STYLIZE" --recipe r.json --print recipe | grep -o '"strength": [0-9]*'
"$STYLIZE" --recipe r.json -S 3 --print recipe | grep -o '"strength": [0-9]*'
exit 0

# The content's colours stay: what was not painted is the content, and what was is another picture than
# with the style's colours. Sizes, the log and the plan know of it.
"$STYLIZE" --no-metadata --color content -n 0 -s 0 content.png style.png same.png && cmp content.png same.png
"$STYLIZE" --no-metadata --color content -n 4 --log log.jsonl content.png style.png a.png
"$STYLIZE" --no-metadata --color content -n 4 -j 1 content.png style.png b.png && cmp a.png b.png
"$STYLIZE" --no-metadata --color style -n 4 content.png style.png c.png
cmp -s a.png c.png || echo another
grep -o '"color":"content"' log.jsonl
"$STYLIZE" --no-metadata --color content --plan content.png style.png | head -n 1
# The same costs go on from where they stopped.
"$STYLIZE" --no-metadata --color content -n 0 --init a.png --log again.jsonl content.png style.png d.png
cat log.jsonl again.jsonl | sed -n 's/.*"best_total":\([^}]*\)}/\1/p' | tr '\n' ' ' |
    awk '{ print ($2 / $1 < 1.05 && $1 / $2 < 1.05) ? "same" : $0 }'

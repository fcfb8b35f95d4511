# Each word of --color makes another picture than style does, less so at half the strength, and the very
# same at none. The recipe in the log and in a file says which.
"$STYLIZE" --no-metadata -q -n 3 -s 64 content.png style.png plain.png
for word in content match start; do
    "$STYLIZE" --no-metadata -q -n 3 -s 64 --color $word --color-strength 0 content.png style.png none.png
    cmp plain.png none.png
    "$STYLIZE" --no-metadata -q -n 3 -s 64 --color $word --color-strength .5 --log half.jsonl content.png style.png half.png
    "$STYLIZE" --no-metadata -q -n 3 -s 64 --color $word content.png style.png whole.png
    "$STYLIZE" --no-metadata -q -n 3 -s 64 -j 1 --color $word content.png style.png again.png && cmp whole.png again.png
    cmp -s plain.png whole.png || cmp -s plain.png half.png || cmp -s half.png whole.png || echo $word: all differ
    grep -o '"color":"[a-z]*","color_strength":[0-9.]*' half.jsonl
done
echo '{"color": "match", "color_strength": 0.25}' >recipe.json
"$STYLIZE" --no-metadata --recipe recipe.json --print recipe | grep -o '"color": "match", "color_strength": 0.25'
# Several styles are matched each by itself, and the content to all of them together.
for word in match start content; do
    "$STYLIZE" --no-metadata -q -n 2 -s 64 --color $word --color-strength .7 --style-weights 1,3 content.png style.png content.png \
        several.png && [ -s several.png ] && echo $word
done

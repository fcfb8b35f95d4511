# A texture has no content: the operands are STYLE... OUT, its shape is the style's or any, the seed makes
# another one, and the log says so.
"$STYLIZE" --texture -n 2 -s 40 -v --log log.jsonl style.png a.png 2>&1 | grep '^style at'
grep -o '"content":null,"style":"style.png","out":"a.png"' log.jsonl
grep -o '"content_size":null' log.jsonl
grep -c '"iteration":' log.jsonl
"$STYLIZE" style.png --texture -n 2 -s 40 -j 1 b.png && cmp a.png b.png
"$STYLIZE" --texture -n 2 -s 40 --seed 5 style.png c.png
cmp -s a.png c.png || echo another
"$STYLIZE" --texture --plan -w vgg19-slim -s 300x200 style.png content.png out.png | grep -e ^result -e ^stage
# Several styles, and a recipe that says all of it.
"$STYLIZE" --texture --tile -n 1,1 -s 64x48 --scales 2 --style-weights 3,1 style.png content.png d.png
"$STYLIZE" --texture --tile -n 1,1 -s 64x48 --scales 2 --style-weights 3,1 --print recipe >recipe.json
grep -o '"texture": true' recipe.json
grep -o '"tile": true' recipe.json
"$STYLIZE" --recipe recipe.json style.png content.png e.png && cmp d.png e.png
# It goes on from a picture of its own.
"$STYLIZE" --texture -n 0 -s 40 --init a.png --log again.jsonl style.png f.png
cat log.jsonl again.jsonl | sed -n 's/.*"best_total":\([^}]*\)}/\1/p' | tr '\n' ' ' |
    awk '{ print ($2 / $1 < 1.1 && $1 / $2 < 1.1) ? "same" : $0 }'

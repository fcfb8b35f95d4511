# Every word of --compat but none paints, as its recipe says; its start is that of the program.
for word in gatys neural-style neural-style-pt style-transfer-pytorch course; do
    "$STYLIZE" -q -w vgg19-slim -s 48 -n 3 --compat $word --log $word.jsonl content.png style.png $word.png ||
        echo "$word: exit $?"
    [ -s $word.png ] || echo "$word: no picture"
    head -1 $word.jsonl | grep -o '"compat":"[a-z-]*"'
    "$STYLIZE" --compat $word --print recipe | tr -d '{}' | sed 's/, "/\n"/g' |
        grep -E '^"(alpha|beta|tv|cost|style_cost|tv_cost|optimizer|pool|init|average)"' | tr '\n' ' '
    echo
done
# Fewer stages than a name has iterations for.
"$STYLIZE" -q -w vgg19-slim -s 48 --compat style-transfer-pytorch --scales 1 --plan content.png style.png |
    grep -o "[0-9]* iterations,"
"$STYLIZE" -q -w vgg19-slim --compat style-transfer-pytorch --scales 1 -n 3,2 --plan content.png style.png 2>&1
# A content that is to be the start is that, not in the colours of the style.
for word in none neural-style; do
    "$STYLIZE" -q -w vgg19-slim -s 48 -n 1 --init content --compat $word --log $word.jsonl \
        content.png style.png start.png || exit
    grep '"iteration":0' $word.jsonl | grep -q '"content":0.0,' && echo "$word starts from the content"
done

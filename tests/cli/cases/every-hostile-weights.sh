# Every hostile file is refused with one line that names it.
for file in "$TESTS"/hostile/*.safetensors "$TESTS"/hostile/*.pth; do
    "$STYLIZE" -q -n 0 -s 32 -w "$file" content.png style.png out.png 2>err
    status=$?
    [ $status -eq 1 ] && [ ! -e out.png ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "$(basename "$file")" err ||
        echo "$(basename "$file"): exit $status, $(cat err)"
done

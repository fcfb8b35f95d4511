# JSON escapes what could command a terminal: DEL and C1, and leaves other letters.
folder=$(printf 'w\177\302\233\303\244')
mkdir "$folder" && cp "$ROOT/weights/vgg16.safetensors" "$folder/w.safetensors"
"$STYLIZE" --plan --json -s 48 -w "$folder/w.safetensors" content.png style.png out.png |
    grep -o 'w.u007F.u009B[^/]*/' | sort -u
"$STYLIZE" -q -n 1 -s 48 --log - -w "$folder/w.safetensors" content.png style.png out.png |
    grep -o '"weights":"w.u007F.u009B[^/]*/' | sort -u

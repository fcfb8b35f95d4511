# Lines that say what is done command no terminal, whatever the names in them.
name=$(printf 'o\033[2J\302\2332J\233\nx')
"$STYLIZE" -v -q -n 0 -s 48 content.png style.png "$name.png" 2>err && ls | grep -c 2J
mkdir "$name" && cp "$ROOT/weights/vgg16.safetensors" "$name/w.safetensors"
"$STYLIZE" --plan -s 48 -w "$name/w.safetensors" content.png style.png "$name.png" >>err 2>&1
"$STYLIZE" -v -n 1 -s 48 -w "$name/w.safetensors" content.png style.png "$name.png" 2>>err
"$STYLIZE" again "$name.png" -n 0 "$name.2.png" 2>>err
grep -c 'o?\[2J??2J??x' err >counted
[ "$(cat counted)" -gt 2 ] && echo named
LC_ALL=C tr -d '\n\40-\176' <err | wc -c

# Nor do names of judged pictures.
name=$(printf 'o\033[2J\302\233\n\303\244\233.png')
cp content.png "$name"
"$JUDGE" -w "$ROOT/weights/vgg19-slim.safetensors" --at 48 content.png style.png "$name" | grep -o ' o.*png'

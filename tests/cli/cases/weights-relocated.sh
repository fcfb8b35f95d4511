# The program finds the bundled file from its own place, also through a link and from elsewhere.
[ "$(head -c 2 "$STYLIZE")" = "#!" ] && { echo "a script that runs the program cannot be moved for it"; exit 77; }
mkdir -p moved/bin moved/share/stylize
cp "$STYLIZE" moved/bin/stylize
cp "$ROOT/weights/vgg16.safetensors" moved/share/stylize/
ln -s "$PWD/moved/bin/stylize" link
./link -s 48 -n 0 content.png style.png out.png --log - | sed -n '1s/.*"weights":"\([^"]*\)".*/\1/p' | grep -c moved/share/stylize/vgg16.safetensors

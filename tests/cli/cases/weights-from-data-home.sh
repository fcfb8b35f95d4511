mkdir -p data/stylize home/.local/share/stylize
cp "$ROOT/weights/vgg19-slim.safetensors" data/stylize/mine.safetensors
cp "$ROOT/weights/vgg19-slim.safetensors" home/.local/share/stylize/yours.safetensors
XDG_DATA_HOME=$PWD/data "$STYLIZE" --no-metadata -s 48 -n 0 -w mine content.png style.png a.png &&
    HOME=$PWD/home "$STYLIZE" --no-metadata -s 48 -n 0 -w yours content.png style.png b.png &&
    "$STYLIZE" --no-metadata -s 48 -n 0 -w vgg19-slim content.png style.png c.png && cmp a.png b.png && cmp b.png c.png

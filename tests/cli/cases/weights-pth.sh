# Both formats of PyTorch, chosen by content: the picture is the same, under any name.
options="-q -n 2 -s 32"
"$STYLIZE" --no-metadata $options -w "$TESTS/networks/zip.pth" content.png style.png zip.png || exit 1
cp "$TESTS/networks/legacy.pth" legacy.safetensors
"$STYLIZE" --no-metadata $options -w legacy.safetensors content.png style.png legacy.png || exit 1
cmp zip.png legacy.png

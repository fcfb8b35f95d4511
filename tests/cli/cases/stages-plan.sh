# A line for each stage, with its network where there are several.
"$STYLIZE" --plan --scales 24,48 -n 7,5 content.png style.png | sed -n '/^time/,$p'
cp "$TESTS/networks/tiny.safetensors" .
"$STYLIZE" --plan --scales 24,48 -n 7,5 -w vgg19-slim,./tiny.safetensors content.png style.png | grep ^stage
# More networks than stages: the last is that of the final size.
"$STYLIZE" --plan --scales 1 -n 7 -w none.pth,./tiny.safetensors content.png style.png
"$STYLIZE" -v --scales 1 -n 1 -w vgg19-slim,./tiny.safetensors content.png style.png out.png 2>&1 | grep -E '^(stage|.*safetensors,)'

# A network for each stage: the picture is that of neither alone, and the log knows which is which.
cp "$TESTS/networks/tiny.safetensors" .
options="--scales 24,48 -n 3,3"
"$STYLIZE" --no-metadata $options -w ./tiny.safetensors,vgg19-slim --log log.jsonl content.png style.png both.png || exit
"$STYLIZE" --no-metadata $options -w ./tiny.safetensors content.png style.png one.png
"$STYLIZE" --no-metadata -w vgg19-slim $options content.png style.png other.png
"$STYLIZE" --no-metadata $options -w vgg19-slim,vgg19-slim content.png style.png twice.png
cmp other.png twice.png
sha256sum both.png one.png other.png | cut -d ' ' -f 1 | sort -u | wc -l | tr -d ' '
sed -n 's/.*"weights":"\([^"]*\)","weights_sha256".*/\1/p' log.jsonl | sed 's,.*/,,'
"$STYLIZE" --no-metadata -w vgg19-slim,,x content.png style.png out.png
"$STYLIZE" --no-metadata -w vgg19-slim,none content.png style.png out.png
cp tiny.safetensors out.png
"$STYLIZE" --no-metadata -w ./out.png,vgg19-slim content.png style.png out.png

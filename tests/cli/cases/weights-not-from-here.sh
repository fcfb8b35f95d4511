cp "$ROOT/weights/vgg19-slim.safetensors" mine.safetensors
"$STYLIZE" -w mine content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

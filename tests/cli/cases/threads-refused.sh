# OpenMP would end the program where a thread cannot be started, so it is tried before; and one
# thread means one, from loading the network on. Limits do not hold for root, who tries it as nobody.
user=
if [ "$(id -u)" = 0 ]; then
    chmod 755 .. .
    user="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
limited="$user prlimit --nproc=1"
$limited "$STYLIZE" --version >/dev/null 2>&1 || { echo "no limit on threads can be set here"; exit 77; }
"$STYLIZE" -j 8 -s 48 --plan -n 1 content.png style.png | grep -q '^threads: 8$' || { echo "no threads in this build"; exit 77; }
$limited "$STYLIZE" -w "$ROOT/weights/vgg19-slim.safetensors" -j 1 -s 48 -n 1 content.png style.png - >out && [ -s out ] || echo "not even one"
$limited "$STYLIZE" -w "$ROOT/weights/vgg19-slim.safetensors" -j 8 -s 48 content.png style.png - >out

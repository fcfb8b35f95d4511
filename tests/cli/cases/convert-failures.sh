# What fails leaves what was there; exit 1, one line.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
echo old >out.safetensors
try() {
    "$CONVERT" -q "$@"
    status=$?
    [ $status -eq 1 ] || echo "$*: exit $status"
}
try --raw none.h5 out.safetensors
try --raw "$TESTS/hostile/h5-nan.h5" out.safetensors
try --raw "$TESTS/hostile/code-os-system.pth" out.safetensors
try --raw content.png out.safetensors
try --pictures nowhere "$TESTS/networks/zip.pth" out.safetensors
mkdir empty
try --pictures empty "$TESTS/networks/zip.pth" out.safetensors
try --raw "$TESTS/networks/zip.pth" nowhere/out.safetensors
try --verify "$TESTS/hostile/read-nan.pth"
cat out.safetensors

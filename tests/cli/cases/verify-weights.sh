# What make verify-weights does, with a small network in place of the published one.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
export STYLIZE_CONVERT="$CONVERT" STYLIZE_VERIFY_SOURCES=sources STYLIZE_VERIFY_MEANS=means STYLIZE_VERIFY_BUNDLED=bundled
in=$TESTS/networks/keras-model.h5
md5=$("$CONVERT" --hashes "$in" | head -n 1)
# Port 9 of this machine answers nobody; the third is another network.
printf '%s\n' "vgg16  $md5  http://127.0.0.1:9/a.h5" "vgg19  md5:0  http://127.0.0.1:9/c.h5" \
    "vgg16  $md5  http://127.0.0.1:9/b.h5" "vgg16  sha256:0  http://127.0.0.1:9/d.pth" >sources
"$CONVERT" -q --pictures . --means-out means "$in" first.safetensors || exit 1
verify() {
    STYLIZE_FETCH_TRIES=1 sh "$ROOT/weights/verify" made "$@" 2>&1 | sed "s,$TESTS,TESTS,g"
}
verify "$in"
cp made/vgg16.safetensors bundled
verify "$in"
verify "$TESTS/networks/tiny.safetensors"
printf x | dd of=bundled bs=1 seek=5000 conv=notrunc 2>/dev/null
verify "$in"
verify nowhere.h5
verify 2>&1 | grep -v '^fetch'
# What was downloaded before is taken.
cp made/vgg16.safetensors bundled
cp "$in" made/a.h5
verify
verify "$TESTS/hostile/h5-nan.h5"

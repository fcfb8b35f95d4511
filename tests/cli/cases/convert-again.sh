# The same numbers, from whatever file, and the same means give the same bytes, on any number of threads.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
convert() {
    "$CONVERT" -q --reproducible --source "a book" --input caffe "$@" || exit 1
}
for type in i8 f16 f32; do
    OMP_NUM_THREADS=1 convert --$type --pictures . --means-out first.means "$TESTS/networks/tiny.safetensors" first.safetensors
    for file in tiny.safetensors keras-model.h5 zip.pth; do
        OMP_NUM_THREADS=2 convert --$type --means first.means "$TESTS/networks/$file" again.safetensors
        cmp first.safetensors again.safetensors
    done
    [ $type = i8 ] && cp first.safetensors integers.safetensors
    head -c 1000 first.safetensors | grep -a -o -E '"(changes|converter|normalized|source_sha256)":"[^"]*"|"conv1_2.weight[^,]*'
done
"$STYLIZE" -q -n 1 -s 32 -w ./integers.safetensors content.png style.png out.png && rm out.png integers.safetensors
# Others' means, and what can not be: one line, and nothing is written.
rm again.safetensors
try() {
    "$CONVERT" -q --i8 "$@" again.safetensors
    echo "exit $?"
}
try --means first.means "$TESTS/networks/whole-vgg16.pth" 2>&1
try --means first.safetensors "$TESTS/networks/tiny.safetensors" 2>&1
try --means nowhere "$TESTS/networks/tiny.safetensors" 2>&1
try --means first.means --raw "$TESTS/networks/tiny.safetensors" 2>&1
try --means first.means --pictures . "$TESTS/networks/tiny.safetensors" 2>&1
try --means-out other.means --raw "$TESTS/networks/tiny.safetensors" 2>&1
try --means-out nowhere/other.means "$TESTS/networks/tiny.safetensors" 2>&1
try --means-out again.safetensors "$TESTS/networks/tiny.safetensors" 2>&1
try --means-out first.safetensors first.safetensors 2>&1
cp first.means means.safetensors
"$CONVERT" -q --i8 --means means.safetensors first.safetensors means.safetensors 2>&1
cmp first.means means.safetensors && rm means.safetensors
ls

# Every format comes to the same file, bit by bit, where nothing is changed.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
mkdir from
for file in tiny.safetensors keras-model.h5 zip.pth zip-one-storage.pth legacy.pth legacy-strided-f16.pth legacy-old.pth; do
    "$CONVERT" -q --raw --f16 --input caffe --source x "$TESTS/networks/$file" made.safetensors || exit 1
    # All but the hash of the source.
    sed 's/"source_sha256":"[0-9a-f]*"//' made.safetensors >"from/$file"
    cmp from/tiny.safetensors "from/$file"
done
# Also where nothing can be printed.
"$CONVERT" --raw --f16 --input caffe --source x "$TESTS/networks/keras-model.h5" closed.safetensors >&- 2>&-
sed 's/"source_sha256":"[0-9a-f]*"//' closed.safetensors | cmp - from/keras-model.h5

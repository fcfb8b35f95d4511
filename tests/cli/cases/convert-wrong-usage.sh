# What can never work: exit 2, one line, and no file touched.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
in=$TESTS/networks/zip.pth
cp "$in" same.safetensors
ln same.safetensors link.safetensors
try() {
    "$CONVERT" "$@"
    status=$?
    [ $status -eq 2 ] || echo "$*: exit $status"
}
try
try "$in"
try "$in" out.safetensors more
try "$in" out.pth
try --what "$in" out.safetensors
try --pictures
try --input oxford "$in" out.safetensors
try same.safetensors link.safetensors
try --verify
try --hashes "$in" out.safetensors
cmp "$in" same.safetensors
ls | grep out
exit 0

# --all, --f32, --raw and what the metadata are told; --hashes.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
in=$TESTS/networks/whole-vgg16.pth
"$CONVERT" -q --raw --f32 "$in" cut.safetensors || exit 1
"$CONVERT" -q --raw --f32 --all --source "a book" --licence=mine "$in" all.safetensors || exit 1
for file in cut all; do
    head -c 4000 $file.safetensors | tr ',' '\n' |
        grep -a -o -E '"(license|source)":"[^"]*"|"arch":"vgg1."|conv5_[1-4].weight":.*' | sed "s/^/$file /"
done
printf abc >file
"$CONVERT" --hashes file

# --all, --f32, --raw and what the metadata are told.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
in=$TESTS/golden/small19.safetensors
"$CONVERT" -q --raw --f32 "$in" cut.safetensors || exit 1
"$CONVERT" -q --raw --f32 --all --source "a book" --licence=mine "$in" all.safetensors || exit 1
for file in cut all; do
    head -c 4000 $file.safetensors | tr ',' '\n' |
        grep -a -o -E '"(license|source)":"[^"]*"|conv5_[1-4].weight":.*' | sed "s/^/$file /"
done

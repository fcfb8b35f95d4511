# Two rows of pictures, a column for each layer; the noise that they start from has a seed.
# size PNG: its width and height.
size() {
    od -A n -t u1 -j 16 -N 8 "$1" | awk '{ print $3 * 256 + $4 "x" $7 * 256 + $8 }'
}
layers() {
    "$STYLIZE" layers -s 32 -n 2 -w vgg19-slim "$@" || echo "exit $?"
}
layers content.png out.png
size out.png
layers -j 1 -q - other.png <content.png
cmp out.png other.png
for setting in "--seed 1" "-n 3" "--tv 100" "--chroma-tv 1e4" "--optimizer adam" "--style-cost moments" "--pool avg"; do
    layers $setting content.png other.png
    cmp -s out.png other.png && echo "$setting: the same picture"
done
layers -s 40x16 content.png other.png
size other.png
# As many columns as the network has layers.
layers -w "$TESTS/golden/small16.safetensors" -v content.png other.png 2>&1 | sed 's/, [0-9]* s, cost [0-9.e+-]*$//'
size other.png
ls
layers --progress content.png other.png 2>&1 | sed -n 1p

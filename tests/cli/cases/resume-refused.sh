# What a checkpoint is refused for is said on one line, and nothing is written.
try() {
    "$STYLIZE" "$@"
    echo "exit $?"
}
paint() {
    try -s 48 -n 3 "$@" content.png style.png out.png
}
paint --checkpoint run 2>&1
rm out.png
cp content.png keep.png
cp style.png content.png
try resume run
rm content.png
try resume run
mv keep.png content.png
head -c 20000 run >cut
try resume cut
cp run bad
printf '\001\002' | dd of=bad bs=1 seek=3000 conv=notrunc 2>/dev/null
try resume bad
# a checkpoint of another version, with a digest that fits
head -c -32 run 2>/dev/null | LC_ALL=C sed 's/version [0-9.]*/version 0.1.0/' >old
for pair in $(sha256sum old | cut -c 1-64 | sed 's/../& /g'); do
    printf "\\$(printf %o "0x$pair")"
done >digest
cat digest >>old
try resume old
cp "$ROOT/weights/vgg19-slim.safetensors" net.safetensors
try -s 48 -n 1 -w ./net.safetensors --checkpoint other content.png style.png out.png
rm out.png
echo >>net.safetensors
try resume other
printf 'STYLRUN\n\002\000\000\000\000\000\000\000' >newer
try resume newer
try resume content.png
try resume missing
try resume
try resume run out.png more
try resume run --beta x
try resume run --beta auto
try resume run --strength 3
try resume run -n -1
try resume run --beta 100 no.png
paint --checkpoint content.png
paint --checkpoint out.png
paint --checkpoint none/run
paint --checkpoint run,3x
paint --checkpoint run,-1
paint --checkpoint ,5
try -s 48 --checkpoint run - style.png out.png <content.png
mkfifo pipe
(cat content.png >pipe) &
try -s 48 --checkpoint run pipe style.png out.png
[ ! -e out.png ]

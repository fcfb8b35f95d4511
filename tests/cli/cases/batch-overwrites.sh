# No file that a list needs is written over: that is found before anything is painted.
try() {
    printf '%s\n' "$1" >jobs
    shift
    "$STYLIZE" batch jobs -s 32 -n 0 -q "$@" 2>&1 | sed "s,$(pwd -P)/,,"
}
# the list itself
try 'content.png style.png out.png' --log jobs
try 'content.png style.png ./jobs' --format png
cat jobs
# inputs
two='content.png style.png a.png
style.png content.png'
try "$two content.png"
try "$two style.png"
try "a.png style.png b.png
content.png style.png a.png"
try 'content.png style.png content.png'
try "content.png style.png a.png --mask m.png
content.png style.png m.png"
try "content.png style.png a.png --init i.png
content.png style.png i.png"
cp "$ROOT/weights/vgg19-slim.safetensors" w.png
try "content.png style.png a.png
content.png style.png w.png" --weights ./w.png
# pictures of one name, whether their folder is there or not
for name in new/a.png new//a.png new/./a.png new/../new/a.png "$(pwd)/new/a.png"; do
    try "content.png style.png new/a.png
content.png style.png $name -n 1"
done
cp content.png real.png
ln -s real.png link.png
try 'content.png style.png real.png
content.png style.png link.png'
# other files of lines
for option in --plot=p.svg --animation=p.webp --checkpoint=p '--save-every=1 --save-pattern=p%d.png'; do
    try "content.png style.png a.png $option
content.png style.png b.png $option"
done
try 'content.png style.png a.png
content.png style.png b.png --save-every 1 --save-pattern ./a.png'
# names that no picture can have
try 'content.png style.png out.gif'
try 'content.png style.png out'
try 'content.png style.png out.png' --format jpeg
try 'content.png style.png out.png --save-pattern a%d.png'
try 'content.png style.png out.png' --checkpoint '{out},9x'
find . -type d
ls
# what may be: a start that is replaced, a device
cp content.png start.png
try 'content.png style.png start.png --init start.png
content.png style.png /dev/null --format png
content.png style.png /dev/null --format png' --no-metadata
echo "exit $?"

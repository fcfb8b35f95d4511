# Blocks of nine patches, which are enlarged where they are small; the same however it is called.
# size PNG: its width and height.
size() {
    od -A n -t u1 -j 16 -N 8 "$1" | awk '{ print $3 * 256 + $4 "x" $7 * 256 + $8 }'
}
units() {
    "$STYLIZE" units "$@" || echo "exit $?"
}
units --layer relu1_1 content.png style.png out.png
size out.png
for pick in 3 1-4 5-6,2 1,1,1,1,1; do
    units --layer relu1_1 --pick $pick content.png out.png
    echo "$pick: $(size out.png)"
done
units --pick 1-2 content.png style.png out.png
size out.png

# Threads, a stream and the place of options change nothing.
"$STYLIZE" -q -j 1 --pick=1-2 units content.png style.png - >other.png || exit
cmp out.png other.png
units -j 3 content.png --pick 1-2 - other.png <style.png
cmp out.png other.png
# The order of equal ones apart, nor does that of pictures.
units --pick 1-2 style.png content.png other.png
cmp out.png other.png
# Other settings do something.
for setting in "--pick 2-3" "--layer relu3_2" "--layer relu2_2" "--size 32" "--pool avg" "-w vgg19-slim"; do
    units --pick 1-2 $setting content.png style.png other.png
    cmp -s out.png other.png && echo "$setting: the same picture"
done
# A picture of one pixel; one that is smaller than what a unit sees; JPEG in and out.
units --layer relu1_1 "$TESTS/images/1x1.png" out.png -q
units --layer relu2_1 "$TESTS/images/17x1.png" out.png 2>&1 | sed "s|$TESTS|TESTS|"
units --layer relu4_1 --pick 1 -q content.png out.png
size out.png
units --pick 1 --quality 80 "$TESTS/images/rgb.jpg" out.jpg
head -c 3 out.jpg | od -A n -t x1
ls

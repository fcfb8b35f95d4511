# -s WxH gives a picture of that size in each way of fitting, and each is another picture.
for fit in crop pad stretch; do
    "$STYLIZE" -n 0 -s 64x32 --upscale --fit $fit --log - content.png style.png $fit.png | sed -n '1s/.*\("size":\[[0-9,]*\]\),"weights".*/\1/p'
done
sha256sum crop.png pad.png stretch.png | cut -d ' ' -f 1 | sort -u | wc -l | tr -d ' '
"$STYLIZE" -s 64x content.png style.png out.png
echo $?

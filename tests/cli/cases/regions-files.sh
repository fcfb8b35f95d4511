# Masks and maps are not overwritten by the result, the pictures on the way or the log.
R=$TESTS/images/regions
cp "$R/left.png" mask-0002.png
cp "$R/right.png" m.png
cp "$R/content.png" map.png
cp "$R/style.png" smap.png
cp "$R/left.png" weight.png
refuse() {
    "$STYLIZE" --no-metadata -s 48 -n 4 content.png style.png "$@" 2>&1 | sed 's/^stylize: //'
}
refuse m.png --mask m.png
refuse ./map.png --content-map map.png --style-map smap.png
refuse smap.png --content-map map.png --style-map smap.png
refuse weight.png --content-weight-map weight.png
refuse out.png --mask m.png --log m.png
refuse out.png --content-weight-map weight.png --log ./weight.png
refuse mask.png --mask mask-0002.png --save-every 2
ln -s mask-0002.png x4.png
refuse style.png out.png --mask m.png,mask-0002.png --save-every 4 --save-pattern x%d.png
cmp mask-0002.png "$R/left.png"
cmp m.png "$R/right.png"
cmp map.png "$R/content.png"
cmp smap.png "$R/style.png"
cmp weight.png "$R/left.png"
ls
"$STYLIZE" --no-metadata -q -s 48 -n 1 content.png style.png out.png --mask - <m.png
"$STYLIZE" --no-metadata -q -s 48 -n 1 content.png style.png same.png --mask m.png
cmp out.png same.png
# Settings go round through JSON.
"$STYLIZE" --no-metadata --mask m.png --content-weight-map weight.png --style-weights 2 --print recipe >run.json
"$STYLIZE" --no-metadata -q -s 48 -n 1 --recipe run.json content.png style.png first.png
"$STYLIZE" --no-metadata -q -s 48 -n 1 --mask m.png --content-weight-map weight.png content.png style.png second.png
cmp first.png second.png

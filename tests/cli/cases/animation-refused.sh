"$STYLIZE" -q -n 0 content.png style.png out.webp 2>/dev/null || { echo "without libwebp"; exit 77; }
cp content.png content.webp
for film in film.gif out.webp content.webp style.png nowhere/film.webp; do
    "$STYLIZE" -q -n 1 -s 32 --animation $film content.webp style.png out.webp 2>&1
done
cmp content.png content.webp
# One that is too large, and a run that fails, leave nothing.
"$STYLIZE" -q -s 20000 --upscale --animation film.webp "$TESTS/images/1x17.png" style.png out.png 2>&1
[ ! -e film.webp ]

# The content's profile and density go to the result, whatever the two formats; not those of others.
images=$TESTS/images
show() {
    for word in iCCP pHYs ICC_PROFILE; do
        printf '%s ' "$(LC_ALL=C grep -a -c "$word" "$1")"
    done
    echo "$1"
}
for picture in profile-parts.jpg profile-cmyk.jpg; do
    "$STYLIZE" -q -n 1 -s 32 "$images/$picture" style.png out.png && show out.png
    "$STYLIZE" -q -n 1 -s 32 "$images/$picture" style.png out.jpg && show out.jpg
done
"$STYLIZE" -q -n 1 -s 32 "$images/profile.jpg" style.png one.png
"$STYLIZE" -q -n 1 -s 32 one.png style.png two.jpg && show two.jpg
"$STYLIZE" -q -n 1 -s 32 --init one.png content.png one.png out.png && show out.png
"$STYLIZE" -q -n 1 -s 32 "$images/orientation-6.png" style.png out.png && show out.png

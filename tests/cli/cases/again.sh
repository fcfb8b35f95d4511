# Painted again by its record a picture has the same bits, options that are given win, and what has
# changed or is missing is said.
mkdir made elsewhere
cp content.png style.png made
cd made || exit
"$STYLIZE" -q -s 48 -n 2 -w vgg19-slim --seed 7 --init random --depth 16 --content-weight-map content.png \
    content.png style.png out.png || exit
"$STYLIZE" again out.png same.png || exit
cmp out.png same.png && echo the same beside it
cd ..
"$STYLIZE" again made/out.png from-above.png && cmp made/out.png from-above.png && echo the same from above
mv made/content.png made/style.png elsewhere
mv content.png style.png elsewhere
cp made/out.png .
"$STYLIZE" again out.png no.png
echo $?
cd elsewhere || exit
"$STYLIZE" again ../out.png here.png && cmp here.png ../out.png && echo the same here
cd ..
"$STYLIZE" again --content elsewhere/content.png --content-weight-map elsewhere/content.png \
    --style elsewhere/style.png out.png there.png && cmp there.png out.png && echo the same from there
cp elsewhere/style.png content.png
cp elsewhere/style.png style.png
"$STYLIZE" again -n 1 --seed 8 out.png other.png || exit
"$STYLIZE" show other.png | grep -e '"seed"' -e '"iterations"' -e '"init"' -e '"depth"'
"$STYLIZE" again -q out.png quiet.png || exit
"$STYLIZE" again out.png out.png
echo $?
"$STYLIZE" again "$TESTS/images/rgb.jpg" no.png 2>&1 | sed "s,[^ ]*/images/,,"
echo $?
"$STYLIZE" again --recipe x out.png no.png
echo $?
mkdir two
cp elsewhere/content.png elsewhere/style.png two
cd two || exit
cp style.png other.png
"$STYLIZE" -q -s 48 -n 1 -w vgg19-slim content.png style.png other.png two.png || exit
rm other.png
"$STYLIZE" again two.png no.png
echo $?
cd ..
ls no.png two/no.png 2>/dev/null
exit 0

# Those who check manual pages find nothing.
"$STYLIZE" --print man >stylize.1
tried=no
if command -v mandoc >/dev/null; then
    mandoc -Tlint stylize.1
    tried=yes
fi
# groff-base alone, which man brings, has no macros for it.
if command -v groff >/dev/null && echo .TH | groff -man -Tascii >/dev/null 2>&1; then
    groff -man -ww -Tascii -z stylize.1
    tried=yes
fi
[ $tried = yes ] || { echo "neither mandoc nor groff here"; exit 77; }

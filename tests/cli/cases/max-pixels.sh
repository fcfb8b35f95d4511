# Of what is read, by its header, and of the result and the style as it is used.
"$STYLIZE" -q -n 0 -s 32 --max-pixels 1824 content.png style.png out.png || exit
rm out.png
"$STYLIZE" -q -n 0 -s 32 --max-pixels 1823 content.png style.png out.png && echo "not refused"
"$STYLIZE" -q -n 0 --max-pixels 1535 style.png style.png out.png && echo "not refused"
"$STYLIZE" -q -n 0 -s 64 --upscale --max-pixels 1824 content.png style.png out.png && echo "not refused"
"$STYLIZE" -q -n 0 --style-scale 4 --max-pixels 1824 content.png style.png out.png && echo "not refused"
"$STYLIZE" -q -n 0 --max-pixels 2147483647 "$TESTS/images/bomb.png" style.png out.png && echo "not refused"
[ ! -e out.png ]

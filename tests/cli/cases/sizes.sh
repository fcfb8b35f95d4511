size() {
    "$STYLIZE" -n 0 "$@" out.png --log - | sed -n '1s/.*"content_size":\(.*\),"weights":.*/\1/p'
}
size content.png style.png
size -s 32 content.png style.png
size -s 96 content.png style.png
size -s 96 --upscale content.png style.png
size -s 0 content.png style.png
size -s 0 --style-scale 0.5 content.png style.png
size -s 40 --style-scale 2 content.png style.png
size -s 0 "$TESTS/images/orientation-6.jpg" style.png

"$STYLIZE" -s 32 -n 0 --init style.png --log - content.png style.png out.png | sed -n 1p |
    grep -o '"size":\[[0-9,]*\]'
"$STYLIZE" -s 0 -n 0 --log - out.png style.png again.png | grep -o '"content_size":\[[0-9,]*\]'

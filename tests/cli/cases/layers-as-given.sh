"$STYLIZE" -s 48 -n 0 --style-layers relu1_1:3,pool2:0 content.png style.png out.png --log - |
    grep -o '"style_layers":{"relu1_1":3,"pool2":0}' 

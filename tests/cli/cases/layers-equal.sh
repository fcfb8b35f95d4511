"$STYLIZE" -s 48 -n 0 --style-layers relu1_1,relu3_1 content.png style.png out.png --log - |
    grep -o '"style_layers":{"relu1_1":0.5,"relu3_1":0.5}' 

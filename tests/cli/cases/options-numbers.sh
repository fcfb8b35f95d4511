"$STYLIZE" -s 48 -n 0 -a 1e0 -b 16. -t +.5 content.png style.png out.png --log - |
    sed -n '1s/.*"alpha":\([^,]*\),"beta":\([^,]*\),"tv":\([^,]*\),.*/\1 \2 \3/p' 

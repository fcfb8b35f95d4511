for j in 1 2 3; do
    "$STYLIZE" -s 48 -n 3 -j $j content.png style.png $j.png || exit
done
cmp 1.png 2.png && cmp 2.png 3.png

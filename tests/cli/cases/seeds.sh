for run in 1:7 2:7 3:8; do
    "$STYLIZE" -n 1 -s 48 --init random --seed ${run#*:} content.png style.png ${run%:*}.png || exit
done
cmp 1.png 2.png && ! cmp -s 2.png 3.png

long=$(printf '%0300d' 0)
for out in $long.png $(printf '%05000d' 0).png; do
    "$STYLIZE" -n 1000000 content.png style.png $out 2>&1
    echo "exit $?"
done | sed 's/0000*/000/'
"$STYLIZE" $long.png style.png out.png 2>&1 | wc -l | tr -d ' '

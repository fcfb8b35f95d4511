# A recipe that is printed and read again gives the same picture; other options count more, wherever they
# stand; what it does not name keeps its default.
options="-s 40 -b 100 --style-layers relu1_1,relu2_1 --init style.png"
"$STYLIZE" $options --print recipe >all.json || exit
"$STYLIZE" --recipe all.json --print recipe | cmp all.json - || echo "read otherwise than printed"
"$STYLIZE" $options -n 2 content.png style.png a.png || exit
"$STYLIZE" content.png -n 2 style.png --recipe all.json b.png && cmp a.png b.png
"$STYLIZE" -n 2 --recipe - content.png style.png c.png <all.json && cmp a.png c.png
echo '{"size": 20, "beta": 100}' >some.json
for order in "-s 32 --recipe some.json" "--recipe some.json -s 32"; do
    "$STYLIZE" $order --print recipe | grep -o '"\(alpha\|beta\|size\)": [0-9a-z\"]*'
done

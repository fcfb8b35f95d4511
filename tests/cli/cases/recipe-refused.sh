# What is no recipe is refused in one line that names the file and the field, and nothing is written.
refuse() {
    code=$1 words=$2 text=$3
    printf '%s' "$text" >r.json
    "$STYLIZE" --recipe r.json content.png style.png out.png 2>err
    status=$?
    [ $status -eq "$code" ] && [ ! -e out.png ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^stylize: --recipe: r.json: .*$words" err ||
        echo "$text: exit $status, $(cat err)"
}
refuse 2 '' ''
refuse 2 '' '[1]'
refuse 2 '' '{"alpha": 1'
refuse 2 "'alhpa'; did you mean alpha" '{"alhpa": 1}'
refuse 2 'alpha: ' '{"alpha": -1}'
refuse 2 'cost: ' '{"cost": "sum"}'
refuse 2 'optimizer: ' '{"optimizer": 3}'
refuse 2 'quality' '{"quality": 300}'
"$STYLIZE" --recipe none.json content.png style.png out.png
echo $?
"$STYLIZE" --recipe r.json --log r.json content.png style.png out.png
echo $?
"$STYLIZE" --recipe - - style.png out.png <content.png
echo $?
# Where nothing is painted it is not even read.
"$STYLIZE" --recipe none.json --help | head -1

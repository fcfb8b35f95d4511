# The precision that is asked for, or what auto means here, is said in all places where one looks, and what is
# computed is the same to the eye. bf16 is bf16 only where the processor has kernels for it.
says() {
    "$STYLIZE" --precision "$1" -n 0 -v --log log.jsonl content.png style.png "$1.png" 2>found
    sed -n 's/^precision  *//p' found
    {
        sed -n 's/^.*vgg16\.safetensors, [^,]*, \([^,]*\), [0-9]* threads*$/\1/p' found
        sed -n '/"event":"start"/s/.*"precision":"\([^"]*\)","threads".*/\1/p; /"event":"stage"/s/.*"precision":"\([^"]*\)".*/\1/p' log.jsonl
        "$STYLIZE" --precision "$1" -n 0 --plan content.png style.png | sed -n 's/^precision: //p'
    } | sort | uniq -c | tr -s ' ' >"$1"
    sed -n '/"event":"start"/s/.*"precision":"\([^"]*\)",.*"precision".*/\1/p; s/.*"best_total":\([^}]*\)}/\1/p' log.jsonl |
        { read -r wanted && read -r total && echo "$wanted" && echo "$total" >>totals; }
}
says fp32
cat fp32
says bf16
grep -c -E '^ 4 (bf16|fp32)$' bf16
says auto
# auto is bf16 where it is multiplied.
products=$("$STYLIZE" -v --version | sed -n 's/^bf16 products: //p')
case $products in
    yes) cmp auto bf16 ;;
    no) cmp auto fp32 ;;
esac
awk 'NR == 1 { first = $1 } { if ($1 / first > 1.01 || $1 / first < 0.99) print "differs", $1, first }' totals
"$STYLIZE" --precision half content.png style.png out.png 2>&1
[ $? -eq 2 ]

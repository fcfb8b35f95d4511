# Charts that cannot be drawn, and logs that are none: one line, nothing is written.
"$STYLIZE" plot none.jsonl out.svg 2>&1 | grep -q 'without cairo' && echo 'built without cairo' && exit 77
refuse() {
    code=$1 words=$2
    shift 2
    "$STYLIZE" "$@" >out 2>err
    status=$?
    [ $status -eq "$code" ] && [ ! -s out ] && [ ! -e out.svg ] && [ ! -e out.png ] &&
        [ "$(wc -l <err)" -eq 1 ] && grep -q -e "^stylize: .*$words" err ||
        echo "$*: exit $status, $(cat err)"
}
echo '{"event":"start"}' >good.jsonl
cp good.jsonl bad.jsonl
echo 'no log' >>bad.jsonl
ln good.jsonl good.svg
mkdir folder.svg
refuse 1 'bad.jsonl:2: this is no line of a log' plot bad.jsonl good.jsonl out.svg
refuse 1 'good.jsonl: there are no costs in it' plot good.jsonl out.svg
refuse 1 'none.jsonl: No such file' plot none.jsonl out.svg
refuse 1 'content.png:1: ' plot content.png out.svg
refuse 2 'OUT: out.jpg must end in .svg, .png or .pdf' plot good.jsonl out.jpg
refuse 2 'good.svg: OUT would overwrite a LOG' plot good.jsonl good.svg
refuse 1 'folder.svg' plot good.jsonl folder.svg
refuse 2 "'--size' is no option of stylize plot" plot --size 3 good.jsonl out.svg
refuse 2 'OUT is missing' plot good.jsonl
refuse 2 '--plot: costs.txt must end in' --plot costs.txt content.png style.png out.png
refuse 1 '--plot: .*none/costs.svg' --plot none/costs.svg content.png style.png out.png
refuse 2 '--plot: content.png would overwrite CONTENT' --plot content.png content.png style.png out.png
refuse 2 '--plot: ./out.png would overwrite OUT' --plot ./out.png content.png style.png out.png
refuse 2 '--plot: l.svg would overwrite the log' --log l.svg --plot l.svg content.png style.png out.png

# Sheets that make no sense: one line, nothing is written.
"$STYLIZE" plot none.jsonl out.svg 2>&1 | grep -q 'without cairo' && echo 'built without cairo' && exit 77
refuse() {
    code=$1 words=$2
    shift 2
    "$STYLIZE" -n 1 content.png style.png out.png "$@" <a.json >out 2>err
    status=$?
    [ $status -eq "$code" ] && [ ! -s out ] && [ ! -e out.png ] && [ ! -e out.html ] &&
        [ "$(wc -l <err)" -eq 1 ] && grep -q -e "^stylize: .*$words" err ||
        echo "$*: exit $status, $(cat err)"
}
echo '{}' >a.json
refuse 2 "--sweep: 'beta' has no values" --sweep beta
refuse 2 "--sweep: 'log' is no setting" --sweep log=1,2
refuse 2 "--beta: .*'x'" --sweep beta=1,x
refuse 2 '--beta: .*-1' --sweep beta=-1
refuse 2 'at most two things vary' --sweep beta=1 --sweep tv=1 --sweep seed=1
refuse 2 'at most two things vary' --sweep beta=1 --sweep tv=1 --compare a.json
refuse 2 'beta goes along columns and rows' --sweep beta=1 --sweep beta=2
refuse 2 '--sweep: 121 pictures are more than the 100' --sweep beta=1..9x11 --sweep tv=1..9x11
refuse 2 '--sweep contradicts --log' --sweep beta=1 --log l.jsonl
refuse 2 '--sweep contradicts --plot' --sweep beta=1 --plot l.svg
refuse 2 '--sweep contradicts --save-every' --sweep beta=1 --save-every 2
refuse 2 '--sweep: strength changes nothing beside --beta 100' --sweep strength=1,2 --sweep beta=100,200
refuse 2 '--sweep contradicts --plan' --sweep beta=1 --plan
refuse 2 '--compare contradicts --recipe' --compare a.json --recipe a.json
refuse 1 'none.json' --compare a.json,none.json
refuse 2 '--sweep: --recipe cannot come from standard input' --sweep beta=1 --recipe -
refuse 2 '--sweep-size: 8' --sweep beta=1 --sweep-size 8
refuse 1 '--sweep-size: .*use a smaller size' --sweep beta=1,2 --sweep-size 32 --max-pixels 1900
echo mine >other.html
"$STYLIZE" --sweep beta=1 content.png style.png other.png 2>&1
cat other.html
mkdir out.html
refuse_page=$("$STYLIZE" --sweep beta=1 content.png style.png out.png 2>&1)
echo "$refuse_page" | grep -c '^stylize: the page: .*out.html'
ln content.png page.html
"$STYLIZE" --sweep beta=1 content.png style.png page.png 2>&1

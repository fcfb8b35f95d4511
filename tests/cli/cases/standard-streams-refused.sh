# What standard streams cannot give or take is said in one line; nothing is written.
refuse() {
    code=$1 words=$2
    shift 2
    "$STYLIZE" "$@" 2>err
    status=$?
    [ $status -eq "$code" ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^stylize: .*$words" err ||
        echo "$*: exit $status, $(cat err)" >>wrong
}
refuse 2 'CONTENT and STYLE cannot both' - - out.png <content.png
refuse 2 'CONTENT and --init cannot both' --init - - style.png out.png <content.png
refuse 2 'cannot both' --log - content.png style.png - >out
refuse 1 'standard input: the file is empty' - style.png out.png </dev/null
refuse 1 'standard input is neither' - style.png out.png <"$TESTS/images/text.png"
refuse 1 'standard input.*too early' content.png - out.png <"$TESTS/images/truncated.png"
refuse 1 'cannot read standard input' - style.png out.png <&-
refuse 2 'would overwrite CONTENT' - style.png content.png <content.png
cp content.png both.png
refuse 2 'would overwrite CONTENT' both.png style.png - >>both.png
cmp content.png both.png
[ ! -e out.png ] && [ ! -s out ] || echo "something was written"
if script -qec true /dev/null >/dev/null 2>&1; then
    script -qec '"$STYLIZE" content.png style.png -' /dev/null | grep -q 'to a terminal: redirect standard output' || echo "no word of the terminal"
fi
[ ! -e wrong ] || cat wrong

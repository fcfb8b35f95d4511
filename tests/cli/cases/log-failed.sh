# A run that fails once its log is there says so in the last line, whatever it was that failed.
show() {
    sed 's/"\(seconds\|peak_resident_bytes\|best_total\)":[0-9.e+-]*/\1/g; s/"\([a-z_]*\)":[0-9][0-9]*/\1/g'
}
"$STYLIZE" -q -s 48 -n 2 --log log.jsonl content.png style.png /dev/full
echo "exit $?"
tail -1 log.jsonl | show
mkdir gone
"$STYLIZE" -q -s 48 -n 100000 --save-every 1 --save-pattern gone/%d.png --log - content.png style.png out.png 2>err |
    while read -r line; do
        rm -rf gone 2>/dev/null
        echo "$line"
    done | tail -1 | show | sed 's/gone.[0-9]*.png: [a-zA-Z ]*\(; create it first\)*/gone/'
[ -e out.png ] || echo "no picture"
sed 's/gone.[0-9]*.png: [a-zA-Z ]*\(; create it first\)*/gone/' err
# One that fails before leaves the old log alone.
"$STYLIZE" -q --log log.jsonl content.png none.png out.png
grep -c '"event":"end"' log.jsonl

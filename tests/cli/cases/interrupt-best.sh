# What an interrupt saves has the cost that is logged, and replaces the old file.
echo old >out.png
"$STYLIZE" -s 48 --precision fp32 -n 1000000 --optimizer adam --log a.jsonl content.png style.png out.png &
until [ "$(grep -c '"iteration":' a.jsonl 2>/dev/null)" -gt 8 ] 2>/dev/null; do sleep 0.1; done
kill -HUP $!
wait $!
[ $? -eq 130 ] || exit
"$STYLIZE" -s 48 -n 0 --init out.png --log b.jsonl content.png style.png again.png || exit
total() {
    sed -n 's/.*"best_total":\([^}]*\)}/\1/p' "$1"
}
echo "$(total a.jsonl) $(total b.jsonl)" | awk '{ print ($2 / $1 < 1.05 && $1 / $2 < 1.05) ? "same" : $0 }'

# What is written has the cost that is logged, within 5 % (the weights are given, as strength would find others for a start).
"$STYLIZE" --no-metadata -s 48 -n 30 -b 300 --log a.jsonl content.png style.png out.png &&
    "$STYLIZE" --no-metadata -s 48 -n 0 -b 300 --init out.png --log b.jsonl content.png style.png again.png &&
    cmp out.png again.png || exit
total() {
    sed -n 's/.*"best_total":\([^}]*\)}/\1/p' "$1"
}
echo "$(total a.jsonl) $(total b.jsonl)" | awk '{ print ($2 / $1 < 1.05 && $1 / $2 < 1.05) ? "same" : $0 }' 

# A draft is painted by the small network in fewer steps; what is given beside it takes precedence.
show() {
    "$STYLIZE" "$@" --scales 24,48 --log log.jsonl content.png style.png out.png || exit
    sed -n 's/.*"iterations":\([0-9]*\),"weights":"[^"]*\/\([^"\/]*\)".*/\1 \2/p' log.jsonl
}
show --preset draft
show --preset draft -n 3,2
show --preset draft -w vgg16 -n 1
show --preset normal -n 2,1
"$STYLIZE" --preset drafty content.png style.png out.png 2>&1
exit 0

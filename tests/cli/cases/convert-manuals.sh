# The manual pages of stylize-convert and stylize-fetch tell every option that --help does.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
untold() {
    sed -n 's/^  \(--*[a-z].*\)/\1/p; s/^      \(--[a-z]*\).*/\1/p' |
        grep -o -e '^-[a-z]\|--[a-z0-9-]*' | sort -u | sed 's,-,\\\\-,g' |
        while read -r option; do
            grep -qE -e "$option([^a-z]|$)" "$ROOT/docs/$1" || echo "docs/$1 does not tell $option"
        done
}
"$CONVERT" --help | untold stylize-convert.1
sh "$ROOT/weights/fetch" --help | untold stylize-fetch.1

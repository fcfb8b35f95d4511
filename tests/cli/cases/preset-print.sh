# Presets in their order of time: iterations; and a print is large, also of a small picture, unless
# a size is given.
plan() {
    "$STYLIZE" --plan --scales 24,48 "$@" content.png style.png out.png | grep '^stage 1/\|^stage 2/' |
        sed 's/.*, \([0-9]*\) iterations.*/\1/' | tr '\n' ' '
    echo
}
plan --preset draft
plan --preset normal
plan --preset fine
"$STYLIZE" --plan -w vgg19-slim --preset print content.png style.png out.png | grep -o '^result: [0-9x]*'
"$STYLIZE" --plan -w vgg19-slim --preset print -s 48 content.png style.png out.png | grep -c 3300
echo '{"preset": "print", "size": "auto"}' >r.json
"$STYLIZE" --recipe r.json --print recipe | grep -o '"size": "[a-z]*"'
exit 0

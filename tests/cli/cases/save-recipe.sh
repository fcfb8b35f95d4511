# The settings in effect are written when OUT is, and paint the same picture again.
"$STYLIZE" -s 40 -n 2 -b 100 --depth 16 --style-layers relu1_1,relu2_1 --save-recipe r.json content.png style.png a.png || exit
"$STYLIZE" --recipe r.json --save-recipe again.json content.png style.png b.png && cmp a.png b.png && cmp r.json again.json
head -3 r.json
tail -3 r.json
grep '"style_layers"' r.json
"$STYLIZE" --recipe r.json --print recipe | tr -d '\n ' >printed
tr -d '\n ' <r.json | cmp - printed
# An old file is replaced by a whole one, and stays where nothing is painted.
"$STYLIZE" --save-recipe r.json --weights ./none.safetensors content.png style.png none.png 2>/dev/null
"$STYLIZE" --save-recipe r.json --plan -s 32 content.png style.png >/dev/null
"$STYLIZE" --save-recipe r.json -s 32 --print recipe >/dev/null
cmp r.json again.json
"$STYLIZE" -n 0 --save-recipe r.json content.png style.png a.png && grep -c '"size": "auto",' r.json
# What cannot be written, or is another file of the run, is said before the work.
refuse() {
    code=$1 words=$2
    shift 2
    "$STYLIZE" "$@" 2>err
    status=$?
    [ $status -eq "$code" ] && [ ! -e none.png ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^stylize: --save-recipe: $words" err ||
        echo "$*: exit $status, $(cat err)"
}
refuse 1 'cannot write missing/r.json: ' --save-recipe missing/r.json content.png style.png none.png
refuse 1 'cannot write \.: ' --save-recipe . content.png style.png none.png
refuse 2 '- is no file; --print recipe ' --save-recipe - content.png style.png none.png
refuse 2 './r.json would overwrite --recipe; name another file' --recipe r.json --save-recipe ./r.json content.png style.png none.png
refuse 2 'none.png would overwrite OUT; name' --save-recipe none.png content.png style.png none.png
refuse 2 'l would overwrite --log; name' --log l --save-recipe l content.png style.png none.png
refuse 2 'style.png would overwrite STYLE; name' --save-recipe style.png content.png style.png none.png
refuse 2 'a.png would overwrite --init; name' --init a.png --save-recipe a.png content.png style.png none.png
"$STYLIZE" -n 1 --save-every 1 --save-pattern '%d.png' --save-recipe 1.png content.png style.png none.png
echo $?

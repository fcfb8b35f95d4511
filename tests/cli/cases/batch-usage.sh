# Mistakes are found before the work.
try() {
    printf '%s\n' "$1" >jobs
    shift
    "$STYLIZE" batch jobs "$@"
    echo "exit $?"
}
try 'content.png style.png'
try 'content.png style.png out.png --bta 3'
try "content.png 'style.png out.png"
try 'content.png style.png out.png \'
try '{"content": "content.png", "style": "style.png"}'
try '{"content": "content.png", "style": 3, "out": "out.png"}'
try '{"content": "content.png", "style": "style.png", "out": "out.png", "bta": 3}'
try '{"content": "content.png"'
try 'units content.png out.png'
try 'content.png - out.png'
try 'content.png style.png -'
try 'content.png style.png out.png --plan'
try 'content.png style.png out.png --sweep beta=1,2'
try 'content.png style.png out.png --log other'
try 'content.png style.png out.png
content.png style.png ./out.png -n 3' 2>&1 | sed 's,/.*/out.png,out.png,'
try '# nothing'
try 'content.png style.png out.png' --save-pattern 'a%d.png'
try 'content.png style.png out.png' --shard 3/2
try 'content.png style.png out.png' --log style.png
try 'content.png style.png out.png' --contents '*.png'
"$STYLIZE" batch missing
"$STYLIZE" batch
"$STYLIZE" batch --contents '*.png' --styles '*.gif' --out '{content}.png'
"$STYLIZE" batch --contents '*.png' --out '{content}.png'
"$STYLIZE" batch --contents '*.png' --styles '*.png'
"$STYLIZE" batch --contents '*.png' --styles '*.png' --out 'new/out.png' 2>&1 | sed 's,/.*/out.png,out.png,'
# What is wrong with the command line is not said of a line.
for option in --plan --json --sweep=beta=1,2 --compare=a,b --save-recipe=r; do
    try 'content.png style.png out.png' $option
done
try '{"content": "content.png", "style": "style.png", "out": "out.png", "plan": true}'
try '{"content": "content.png", "style": "style.png", "out": "out.png", "depth": "16"}'
try '{"content": "content.png", "style": "style.png", "out": "out.png", "no_metadata": 1}'
# Patterns without quotes, folders, words, results among the contents.
mkdir same
cp content.png same/a.png
cp content.png same/b.png
pairs() {
    "$STYLIZE" batch --contents 'same/*.png' --styles style.png "$@"
}
"$STYLIZE" batch --contents same/*.png --styles style.png --out 'new/{content}.png'
"$STYLIZE" batch --contents same/*.png same/b.png --styles style.png --out 'new/{content}.png'
"$STYLIZE" batch --contents same --styles style.png --out 'new/{content}.png'
pairs --out 'new/{contents}.png'
pairs --out 'new/{content}-{bogus}.png'
pairs --out 'new/{content}'
pairs --out 'same/{content}-{style}.png'
pairs --out "$(pwd)/new/.././same/{content}-{style}.png" 2>&1 | sed 's, /.*/new, new,'
"$STYLIZE" batch --contents 'same/*.png' --styles 'sty*.png' --out './style-{content}.png'
ls

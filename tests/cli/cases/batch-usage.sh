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
"$STYLIZE" batch --contents '*.png' --styles '*.png' --out 'out.png' 2>&1 | sed 's,/.*/out.png,out.png,'
ls

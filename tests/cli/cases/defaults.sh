# The user's defaults count less than --recipe and options; --no-defaults leaves them out, and so does what
# has no use for them. What is wrong in them is said in one line with the file and the way out.
XDG_CONFIG_HOME=$PWD/config
export XDG_CONFIG_HOME
file=config/stylize/defaults.json
mkdir -p config/stylize
show() {
    "$STYLIZE" "$@" --print recipe | grep -o '"\(beta\|size\|upscale\|depth\|quality\)": [0-9a-z"]*' | tr '\n' ' '
    echo
}
show
echo '{"beta": 100, "size": 32, "upscale": true, "depth": 16, "quality": 50}' >$file
echo '{"beta": 200, "quality": 60}' >r.json
show
show --recipe r.json
show --recipe r.json --depth 8 -b 9 --no-upscale
show --no-defaults
show -S 7
XDG_CONFIG_HOME='' HOME=$PWD/config show
mkdir -p config/.config && mv config/stylize config/.config/ && XDG_CONFIG_HOME=not/absolute HOME=$PWD/config show
mv config/.config/stylize config/
# A picture is made as they say, and -v says so.
"$STYLIZE" -v -n 1 content.png style.png out.png 2>verbose || exit
grep -c "^defaults from $PWD/$file\$" verbose
od -A n -j 24 -N 1 -t d1 out.png
"$STYLIZE" -v -n 1 --no-defaults content.png style.png out.png 2>verbose || exit
grep -c '^defaults from' verbose
"$STYLIZE" -q units content.png out.jpg && "$STYLIZE" -q layers -s 32 -n 0 content.png out.png
refuse() {
    printf '%s' "$1" >$file
    "$STYLIZE" content.png style.png none.png 2>err
    [ $? -eq 2 ] && [ ! -e none.png ] && [ "$(wc -l <err)" -eq 1 ] &&
        grep -q "^stylize: $PWD/$file: .*$2.* (--no-defaults leaves the file out)\$" err || cat err
}
refuse '' 'JSON'
refuse '[1]' 'JSON: an array'
refuse '{"beta": -1}' 'beta: -1 is out of range'
refuse '{"treads": 1}' "unknown field 'treads'; did you mean threads?"
refuse '{"threads": -1}' 'threads: -1 is out of range'
refuse '{"threads": "1"}' 'threads: expected a number in JSON'
refuse '{"depth": "16"}' 'depth: expected a number in JSON'
refuse '{"quiet": 1}' 'quiet: expected true or false in JSON'
refuse '{"log": "l"}' 'log: an option of the command line, which no file can set'
refuse '{"plan": true}' 'plan: an option of the command line, which no file can set'
refuse '{"recipe": "r.json"}' 'recipe: an option of the command line'
# Not even read:
"$STYLIZE" --help | head -1
"$STYLIZE" --version >version && "$STYLIZE" --print weights >names && "$STYLIZE" --print schema >schema
"$STYLIZE" -n 0 --no-defaults content.png style.png out.png
rm $file && mkdir $file
"$STYLIZE" --plan content.png style.png 2>err
echo $?
sed "s|$PWD/||" err

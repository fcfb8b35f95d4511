command -v fish >/dev/null || { echo "no fish here"; exit 77; }
"$STYLIZE" --print fish >completion
fish --no-config -n completion || exit
mkdir 'my pictures' other
touch 'my pictures/a.png' b.JPG c.jpeg d.txt mine.safetensors net.pth
PATH=$(dirname "$STYLIZE"):$PATH
for line in 'stylize --upsc' 'stylize --cost ' 'stylize --cost=g' 'stylize --style-layers relu1_1,relu2' \
    'stylize -w ' 'stylize --init con' 'stylize --log d' 'stylize ' 'stylize my\ pictures/' 'stylize un' \
    'stylize units --pi' 'stylize units --layer relu3_' 'stylize layers --pi'; do
    echo "$line: $(fish --no-config -c 'source completion; complete -C $argv[1]' "$line" | cut -f 1 |
        sort | paste -sd , -)"
done

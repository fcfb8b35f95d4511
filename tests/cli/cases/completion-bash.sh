command -v bash >/dev/null || { echo "no bash here"; exit 77; }
"$STYLIZE" --print bash >completion
bash -n completion || exit
mkdir 'my pictures' other
touch 'my pictures/a.png' b.JPG c.jpeg d.txt mine.safetensors net.pth
bash -c '
    . ./completion
    program=$1
    # try WORD...: what is offered for the last word.
    try() {
        COMP_WORDS=("$program" "$@") COMP_CWORD=$# COMPREPLY=()
        _stylize "$program"
        echo "$*: $(printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd , -)"
    }
    try --upsc
    try --cost ""
    try --cost = g
    try --cost =
    try --style-layers relu1_1,relu2_2
    try --style-layers = relu1_1,relu2
    try --style-layers = relu1_1 : 0.5,relu1
    try --style-layers ""
    try --weights ""
    try -w v
    try -w mine.safetensors,v
    try -w v,ne
    try --print re
    try --init con
    try --init = b
    try --log d
    try --alpha ""
    try ""
    try "my pictures/"
    try b.JPG -- --c
    try -s 100 c
    try un
    try units --p
    try units --layer relu3_
    try units c
    try layers --layer
    complete -p stylize
' bash "$STYLIZE"

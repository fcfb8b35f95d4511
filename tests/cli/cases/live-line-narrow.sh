# A terminal of 20 columns that knows no escape sequences: no line reaches the last column.
script -qec true /dev/null >/dev/null 2>&1 || { echo "no pseudo-terminal here"; exit 77; }
TERM=dumb script -qec 'stty cols 20 && "$STYLIZE" -s 48 -n 100 content.png style.png out.png' /dev/null >found
grep -ac "$(printf '\033')" found
tr '\r' '\n' <found | grep -av '^out.png: ' | awk 'length > 19'
tr '\r' '\n' <found | grep -ac '^iteration'  | awk '$1 > 0 { print "shown" }'

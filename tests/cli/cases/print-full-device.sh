[ -c /dev/full ] || { echo "no /dev/full here"; exit 77; }
"$STYLIZE" --print man >/dev/full

[ -e /dev/full ] || { echo "no /dev/full here"; exit 77; }
"$STYLIZE" --help >/dev/full

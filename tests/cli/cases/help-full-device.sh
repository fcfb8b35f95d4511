[ -e /dev/full ] || { echo "stylize: standard output: No space left on device" >&2; exit 1; }
"$STYLIZE" --help >/dev/full

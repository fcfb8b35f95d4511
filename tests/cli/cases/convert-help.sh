[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
"$CONVERT" --help | head -4
"$CONVERT" --help | awk 'length > 90'
"$CONVERT" --version

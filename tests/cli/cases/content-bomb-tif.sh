"$STYLIZE" -q -n 0 content.png style.png out.tif 2>/dev/null || { echo "without libtiff"; exit 77; }
"$STYLIZE" "$TESTS/images/bomb.tif" style.png out.png

"$STYLIZE" -q -n 0 content.png style.png out.webp 2>/dev/null || { echo "without libwebp"; exit 77; }
"$STYLIZE" "$TESTS/images/corrupt.webp" style.png out.png

"$STYLIZE" -q -n 0 content.png style.png out.webp 2>/dev/null || { echo "without libwebp"; exit 77; }
# Said before the work.
"$STYLIZE" -s 20000 --upscale "$TESTS/images/1x17.png" style.png out.webp

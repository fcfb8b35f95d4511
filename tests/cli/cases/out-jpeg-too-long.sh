# Said before the work.
"$STYLIZE" -s 65535 --upscale "$TESTS/images/1x17.png" style.png out.jpg

# Devices are written to, never replaced; what has no extension gets PNG.
ln -s /dev/null out.png
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png out.png && [ -L out.png ] && [ -c /dev/null ] || echo "link to /dev/null"
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png /dev/null && [ -c /dev/null ] || echo "/dev/null"
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png /dev/stdout >copy && cmp content.png copy || echo "/dev/stdout"
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png /dev/stdout | cmp content.png - || echo "/dev/stdout, a pipe"
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png --log /dev/null /dev/null || echo "the log, too"

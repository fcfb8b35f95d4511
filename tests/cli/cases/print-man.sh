# The committed manual page is the one that the program prints.
"$STYLIZE" --print man | cmp - "$ROOT/docs/stylize.1" || echo "docs/stylize.1 is behind: run make man"

"$STYLIZE" --plan -s 48 -n 1 content.png style.png | grep -c '^time: .* for 1 iteration$'

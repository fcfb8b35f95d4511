# An error is one line whatever a name holds.
"$STYLIZE" "$(printf 'a\nb\033[2J.png')" style.png out.png

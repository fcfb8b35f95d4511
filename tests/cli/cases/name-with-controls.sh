# Nor does it command a terminal: C1 controls, in UTF-8 or bare, and what is not UTF-8.
"$STYLIZE" "$(printf 'a\302\2332J\2330m\303\244\377\177.png')" style.png out.png

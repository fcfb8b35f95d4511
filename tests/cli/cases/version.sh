"$STYLIZE" --version
"$STYLIZE" -v --version

command -v zsh >/dev/null || { echo "no zsh here"; exit 77; }
"$STYLIZE" --print zsh >_stylize
head -1 _stylize
zsh -f -n _stylize

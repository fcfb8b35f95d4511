# What is printed of names commands no terminal: names of networks that cannot be shown are left out, and
# texts of settings are escaped.
folder=$HOME/.local/share/stylize
mkdir -p "$folder"
odd=$(printf 'w\177\302\233\033[2J\nz')
cp "$ROOT/tests/golden/small16.safetensors" "$folder/$odd.safetensors"
cp "$ROOT/tests/golden/small16.safetensors" "$folder/w-$(printf '\303\244').safetensors"
"$STYLIZE" --print weights | grep -v vgg
"$STYLIZE" --print recipe -w "$odd" | grep -o '"weights": "[^"]*"'
rm -f "$folder/$odd.safetensors" "$folder"/w-*

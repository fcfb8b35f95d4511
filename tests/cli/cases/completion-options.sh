# Every option of --help is completed by every shell; zsh and fish say what it is for.
for shell in bash zsh fish; do
    "$STYLIZE" --print $shell >$shell || exit
done
"$STYLIZE" --help | sed '/^Examples:/,$d' | grep -o -e '^ .*--[a-z-]*' | grep -o -e '--[a-z-]*$' >names
[ "$(wc -l <names)" -gt 20 ] || echo "--help has no options"
while read -r name; do
    grep -q -e "^    local options=.*[ ']$name " bash || echo "bash: no $name"
    grep -q -E -e "$name=?('|\})?(')?\[[a-z]" zsh || echo "zsh: no $name"
    grep -q -e " -l ${name#--} -d '[a-z]" fish || echo "fish: no $name"
done <names

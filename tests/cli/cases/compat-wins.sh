# What is given counts more than --compat, in any order, on the command line and in a recipe.
show() {
    "$STYLIZE" "$@" --print recipe | grep -o '"\(compat\|alpha\|beta\|pool\|optimizer\)": [^,]*' | tr '\n' ' '
    echo
}
show --compat course -a 3 --pool max
show -a 3 --pool max --compat course
show -a 3 --compat course --pool max --compat gatys
echo '{"alpha": 3, "compat": "course", "pool": "max"}' >some.json
show --recipe some.json
show --recipe some.json --compat gatys
echo '{"alpha": 3}' >alpha.json
show --compat course --recipe alpha.json
# One that was printed reads back, and may get another word: what nobody asked for follows it.
"$STYLIZE" -a 3 --compat course --print recipe >all.json
"$STYLIZE" --recipe all.json --print recipe | cmp all.json -
show --recipe all.json
show --recipe all.json --compat gatys
"$STYLIZE" -a 3 --print recipe >none.json
"$STYLIZE" --recipe all.json --compat none --print recipe | cmp none.json -

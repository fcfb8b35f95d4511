# Links that others put in the places of what is written, once these were checked, lead nowhere: they
# are replaced, or for the log, which grows, refused.
try() {
    rm -f content.fifo
    mkfifo content.fifo
    for name in out.png recipe.json log.jsonl; do
        rm -f "$name"
        echo "precious" >"$name.old"
    done
    (
        exec 3>content.fifo # opens when the program reads it, after its checks
        for name in out.png recipe.json log.jsonl; do
            ln -s "$name.old" "$name"
        done
        cat content.png >&3
    ) &
    "$STYLIZE" -q -s 32 -n 1 --scales 1 --threads 1 --save-recipe recipe.json "$@" content.fifo style.png out.png
    echo "exit $?"
    wait
    cat ./*.old
    for name in out.png recipe.json; do
        if [ -L "$name" ]; then echo "$name is a link"; else echo "$name is a file"; fi
    done
}
try
try --log log.jsonl

# A size that CONTENT cannot fill is no error, but it is said, once, with the way out.
try() {
    "$STYLIZE" -n 0 "$@" content.png style.png out.png 2>said
    echo "$*: $?$(sed 's/^stylize//' said)"
}
try
try -s 48
try -s 49
try -s 96 --upscale
try -q -s 96
try -s 0
try -s 100x50
try -s 30x30
# Also where the recipe asks for it; and of standard input.
echo '{"size": 64}' >r.json
try --recipe r.json
"$STYLIZE" --plan -s 64 -n 0 - style.png <content.png 2>&1 >plan
grep '^largest' plan

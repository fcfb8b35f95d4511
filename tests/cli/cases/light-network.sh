# Where the network of auto does not fit into memory at a stage, the small one is used from there on, in one line;
# where it cannot even be loaded, in all stages. A network that is named stays. A plan whose size is bounded by the
# larger network says which one is still to come.
grep -q memcheck.sh "$STYLIZE" && { echo "valgrind takes memory of its own"; exit 77; }
version=$(exec 2>/dev/null; ulimit -v 150000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "sanitizers take memory of their own"; exit 77; }
plan() (
    ulimit -v "$1"
    shift
    "$STYLIZE" -j 1 --upscale --precision fp32 "$@" --plan content.png style.png
)
networks() {
    plan "$@" | sed -n 's/^stage \([0-9]\)\/[0-9]*: .* iterations*, .*\/\(vgg[^,]*\)\.safetensors.*/\1 \2/p'
}
networks 1600000 --scales 48,2400 -n 1,0 -s 2400
plan 120000 -n 0 -s 256 | sed -n 's/^largest .*[0-9]$/no more to come/p; s/^stage.*/stages/p'
plan 400000 -n 0 -s 48 | sed -n 's/^\(largest.*: \)[0-9]*/\1N/p'
(ulimit -v 120000; "$STYLIZE" -j 1 -w vgg16 --precision fp32 content.png style.png out.png) 2>&1 |
    sed 's/needs about [0-9]* MB of memory, but only [0-9]* MB are/needs more than is/; s,^stylize: [^ ]*/,,'

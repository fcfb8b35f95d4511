# Where the network of auto does not fit into memory at a stage, the small one is used from there on, in one line;
# where it cannot even be loaded, in all stages. A network that is named stays.
version=$(exec 2>/dev/null; ulimit -v 150000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "sanitizers take memory of their own"; exit 77; }
paint() (
    ulimit -v "$1"
    shift
    "$STYLIZE" -j 1 -n 0 --upscale "$@" --plan content.png style.png |
        sed -n 's/^stage \([0-9]\)\/[0-9]*: .* iterations*, .*\/\(vgg[^,]*\)\.safetensors.*/\1 \2/p'
)
paint 1600000 --scales 48,2400 -n 1,0 -s 2400
paint 200000 --scales 24,48 -n 1,0
(ulimit -v 200000; "$STYLIZE" -j 1 -w vgg16 content.png style.png out.png) 2>&1 |
    sed 's/needs about [0-9]* MB of memory, but only [0-9]* MB are/needs more than is/; s,^stylize: [^ ]*/,,'

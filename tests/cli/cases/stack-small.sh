# What a stack lacks would end the program without a word; a soft limit alone is raised.
version=$(exec 2>/dev/null; ulimit -s 96; "$STYLIZE" --version | head -c 8; :)
soft=$(exec 2>/dev/null; ulimit -S -s 96; "$STYLIZE" --version | head -c 8; :)
[ -n "$soft" ] || { echo "the program cannot even start with so little (sanitizers)"; exit 77; }
echo "hard: $version"
echo "soft: $soft"
(
    ulimit -S -s 64
    "$STYLIZE" -w vgg19-slim -s 48 -n 1 -q content.png style.png out.png && [ -s out.png ] && echo painted
)
ulimit -s 52
exec "$STYLIZE" -w vgg19-slim -s 48 -n 1 -q content.png style.png -

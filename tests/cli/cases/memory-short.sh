limit=150000
version=$(exec 2>/dev/null; ulimit -v $limit; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
echo old >out.png
(
    ulimit -v $limit
    exec "$STYLIZE" -w vgg19-slim -j 1 -s 4000 --upscale content.png style.png out.png
)
status=$?
[ "$(cat out.png)" = old ] && exit $status

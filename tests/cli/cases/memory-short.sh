# Skipped where the program cannot even start in so little, as when built with sanitizers.
limit=150000
version=$(exec 2>/dev/null; ulimit -v $limit; "$STYLIZE" --version; :)
[ -n "$version" ] || {
    echo "stylize: out of memory" >&2
    exit 1
}
echo old >out.png
(
    ulimit -v $limit
    exec "$STYLIZE" -j 1 -s 4000 --upscale content.png style.png out.png
)
status=$?
[ "$(cat out.png)" = old ] && exit $status

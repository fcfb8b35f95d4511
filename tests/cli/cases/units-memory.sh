# A picture for which memory is short is refused before it is looked at, and OUT stays as it was.
limit=250000
version=$(exec 2>/dev/null; ulimit -v $limit; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
"$STYLIZE" -q -w vgg19-slim -n 0 -s 1600 --upscale content.png style.png large.png || exit
echo old >out.png
(
    ulimit -v $limit
    exec "$STYLIZE" units -j 1 -s 0 --layer relu1_2 content.png large.png out.png
)
status=$?
[ "$(cat out.png)" = old ] && exit $status

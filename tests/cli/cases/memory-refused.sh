# Of an address space that is too small a run says what size fits, does not touch OUT, and with that
# size it goes through, for any number of threads and each limit of its kind.
grep -q memcheck.sh "$STYLIZE" && { echo "valgrind takes memory of its own"; exit 77; }
version=$(exec 2>/dev/null; ulimit -v 150000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
try() (
    ulimit "$1" "$2" || exit
    shift 2
    exec "$STYLIZE" -w vgg19-slim --upscale -n 1 "$@" content.png style.png out.png 2>err
)
for limit in "-v 170000" "-v 300000" "-d 140000"; do
    for threads in 1 2 3; do
        echo old >out.png
        try $limit -j $threads -s 4000 && echo "$limit: not refused"
        [ "$(cat out.png)" = old ] && [ "$(wc -l <err)" -eq 1 ] || echo "$limit: left something, or said too much"
        [ $threads -eq 1 ] || ! grep -q 'even the smallest --size does not fit' err || continue
        size=$(sed -n 's/^stylize: the result at 4000x3167 pixels needs about [0-9]* MB of memory, but only [0-9]* MB are left of the [a-z]* *[a-z]* limit (ulimit -[vd]): use --size \([0-9]*\) or less$/\1/p' err)
        try $limit -j $threads -s "$size" || echo "$limit -j $threads -s $size: $(cat err)"
    done
done

# The peak that is planned lies within a tenth of the one that the run logs.
grep -q memcheck.sh "$STYLIZE" && { echo "valgrind takes memory of its own"; exit 77; }
version=$(exec 2>/dev/null; ulimit -v 1000000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "sanitizers take memory of their own"; exit 77; }
for options in "-s 64" "-s 300 --optimizer adam" "-s 200 --style-scale 2 -j 1"; do
    planned=$("$STYLIZE" --plan --upscale -n 0 $options content.png style.png | sed -n 's/^peak memory: \([0-9]*\) MB$/\1/p')
    peak=$("$STYLIZE" --upscale -n 0 $options --log - content.png style.png out.png |
        sed -n 's/.*"peak_resident_bytes":\([0-9]*\).*/\1/p')
    awk "BEGIN { off = $planned * 1048576 / $peak - 1; exit !(off > -0.1 && off < 0.1) }" ||
        echo "$options: $planned MB planned, $peak bytes taken"
done

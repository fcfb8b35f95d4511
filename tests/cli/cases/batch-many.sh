# Many small pictures take no more memory or files than some.
# What the address sanitizer and valgrind hold back of what is freed is no leak.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1
VALGRIND_OPTS=--freelist-vol=1000000
export ASAN_OPTIONS VALGRIND_OPTS
peak() {
    i=0
    : >jobs
    while [ $i -lt "$1" ]; do
        echo "content.png style.png out/$i.png --seed $i" >>jobs
        i=$((i + 1))
    done
    # More descriptors than this are those of a leak.
    (ulimit -n 40 && exec "$STYLIZE" batch jobs -s 24 -n 0 --force --log log -j 1 -q --pool avg \
        -w vgg19-slim --style-layers relu1_1 --content-layers relu1_1) || echo "exit $?"
    grep -o '"peak_resident_bytes":[0-9]*' log | tail -1 | tr -dc 0-9
}
some=$(peak 20)
many=$(peak 200)
[ $((many - some)) -lt 3000000 ] || echo "$some bytes for 20 pictures, $many for 200"

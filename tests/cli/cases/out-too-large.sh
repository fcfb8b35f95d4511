# A write that fails costs neither the old file nor leaves half a new one.
grep -q __tsan_func_entry "$STYLIZE" && { echo "the thread sanitizer dies where it may write no large file"; exit 77; }
echo old >out.png
(
    ulimit -f 8
    exec "$STYLIZE" -n 0 -s 96 --upscale content.png style.png out.png
)
status=$?
cat out.png
ls -A
exit $status

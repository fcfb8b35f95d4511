# A write that fails costs neither the old file nor leaves half a new one.
echo old >out.png
(
    ulimit -f 8
    exec "$STYLIZE" -n 0 -s 96 --upscale content.png style.png out.png
)
status=$?
cat out.png
ls -A
exit $status

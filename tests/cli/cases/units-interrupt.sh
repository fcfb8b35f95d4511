# A signal ends it at once, and nothing is written. The picture comes from a pipe that nobody writes to;
# opening it waits until the program does.
grep -q __tsan_func_entry "$STYLIZE" && { echo "the thread sanitizer keeps a signal back while a call waits"; exit 77; }
mkfifo pipe.png
echo old >out.png
"$STYLIZE" units content.png pipe.png out.png &
exec 3>pipe.png
kill -INT $!
wait $!
status=$?
cat out.png
exit $status

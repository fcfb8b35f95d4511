# Before there are costs a signal ends the program at once, and nothing has been written. The content
# comes from a pipe that nobody writes to; opening it waits until the program does.
grep -q __tsan_func_entry "$STYLIZE" && { echo "the thread sanitizer keeps a signal back while a call waits"; exit 77; }
mkfifo pipe.png
echo old >log.jsonl
"$STYLIZE" --log log.jsonl pipe.png style.png out.png &
exec 3>pipe.png
kill -INT $!
wait $!
status=$?
cat log.jsonl
[ ! -e out.png ] && exit $status

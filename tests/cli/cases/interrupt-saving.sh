# A picture that nobody takes: a signal does not wait for a reader.
grep -q __tsan_func_entry "$STYLIZE" && { echo "the thread sanitizer keeps a signal back while a call waits"; exit 77; }
for signal in INT TERM HUP; do
    rm -f pipe log.jsonl
    mkfifo pipe
    "$STYLIZE" -n 1 -s 48 --log log.jsonl content.png style.png pipe &
    until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 1 ] 2>/dev/null; do sleep 0.1; done
    sleep 0.4
    kill -$signal $!
    wait $!
    echo "$signal: exit $?"
done
# One that comes before that lets the picture be saved; the next one ends it there.
rm -f pipe log.jsonl
mkfifo pipe
"$STYLIZE" -n 100000 -s 48 --log log.jsonl content.png style.png pipe &
until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 1 ] 2>/dev/null; do sleep 0.1; done
kill -INT $!
cat pipe >got
wait $!
echo "exit $?"
od -An -c -N 4 got
# Standard output that nobody reads is one, too.
mkfifo slow
"$STYLIZE" -w vgg19-slim -n 0 -s 0 "$ROOT/examples/content-harbour.jpg" style.png - >slow &
exec 3<slow
head -c 8 <&3 >/dev/null
kill -TERM $!
wait $!
echo "exit $?"

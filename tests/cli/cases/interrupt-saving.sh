# A picture that nobody takes: the first signal lets it be saved, the second does not wait.
for signal in INT TERM HUP; do
    rm -f pipe log.jsonl
    mkfifo pipe
    "$STYLIZE" -n 1 -s 48 --log log.jsonl content.png style.png pipe &
    until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 1 ] 2>/dev/null; do sleep 0.1; done
    sleep 0.2
    kill -$signal $!
    sleep 0.2
    kill -$signal $!
    wait $!
    echo "$signal: exit $?"
done
# With a reader after the first signal it is saved.
rm -f pipe log.jsonl
mkfifo pipe
"$STYLIZE" -n 1 -s 48 --log log.jsonl content.png style.png pipe &
until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 1 ] 2>/dev/null; do sleep 0.1; done
sleep 0.2
kill -INT $!
cat pipe >got
wait $!
echo "exit $?"
od -An -c -N 4 got

# What is saved has the final size, also where the first stage was interrupted.
"$STYLIZE" --scales 24,48 --precision fp32 -n 1000000 --log log.jsonl content.png style.png out.png &
until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 3 ] 2>/dev/null; do sleep 0.1; done
kill -INT $!
wait $!
status=$?
grep -o '"stage":[0-9]' log.jsonl | sort -u
od -An -tu1 -j 16 -N 8 out.png
exit $status

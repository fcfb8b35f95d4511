"$STYLIZE" --precision fp32 -n 1000000 --log log.jsonl content.png style.png out.png &
until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 2 ] 2>/dev/null; do sleep 0.1; done
kill -TERM $!
wait $!
status=$?
[ -s out.png ] && grep -o '"stop":"[a-z]*"' log.jsonl
exit $status

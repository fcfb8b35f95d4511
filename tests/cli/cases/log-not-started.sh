# A run that cannot start costs no old log.
echo old >log.jsonl
"$STYLIZE" --log log.jsonl "$TESTS/images/1x1.png" style.png out.png
status=$?
cat log.jsonl
exit $status

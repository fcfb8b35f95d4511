# Files opened with a standard stream closed do not receive what is printed.
grep -q __tsan_func_entry "$STYLIZE" && { echo "the thread sanitizer dies where it may write no large file"; exit 77; }
"$STYLIZE" --no-metadata -v -n 0 -s 0 content.png style.png out.png >&- 2>&- <&- && cmp content.png out.png
"$STYLIZE" --no-metadata -v -n 0 -s 0 --log log.jsonl content.png style.png out.png 2>&- && wc -l <log.jsonl | tr -d ' '
(
    ulimit -f 8
    exec "$STYLIZE" --no-metadata -n 0 -s 96 --upscale --log log.jsonl content.png style.png large.png 2>&-
)
grep '^stylize:' log.jsonl
[ ! -e large.png ]

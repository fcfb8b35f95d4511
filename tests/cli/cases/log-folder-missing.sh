"$STYLIZE" --log none/log.jsonl content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status

echo old >out.png
"$STYLIZE" -s 48 -a 1e308 -b 1e308 -t 1e308 --log log.jsonl content.png style.png out.png
status=$?
[ "$(cat out.png)" = old ] && [ ! -e log.jsonl ] && exit $status

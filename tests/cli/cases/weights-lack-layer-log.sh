"$STYLIZE" -w "$TESTS/golden/small16.safetensors" --style-layers relu5_4 --log log.jsonl content.png style.png out.png
status=$?
[ ! -e out.png ] && [ ! -e log.jsonl ] && exit $status

# What a run would take, on standard output; OUT is not looked at, and nothing is written.
"$STYLIZE" --plan -s 48 -n 7 -j 1 --log log.jsonl content.png style.png no/such/folder/out.txt
status=$?
[ "$(ls | tr '\n' ' ')" = "content.png style.png " ] && exit $status

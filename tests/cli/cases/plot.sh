# The chart of a run is that of its log, also of one that is being written; several logs make one chart.
"$STYLIZE" plot none.jsonl out.svg 2>&1 | grep -q 'without cairo' && echo 'built without cairo' && exit 77
"$STYLIZE" -q -s 48 -n 3 --scales 2 --log log.jsonl --plot run.svg content.png style.png out.png || exit
"$STYLIZE" plot log.jsonl log.svg && cmp run.svg log.svg
sed '$d' log.jsonl >cut.jsonl
printf '{"iteration":' >>cut.jsonl
"$STYLIZE" plot - cut.svg <cut.jsonl && cmp run.svg cut.svg
"$STYLIZE" plot log.jsonl cut.jsonl both.PDF && head -c 5 both.PDF && echo
"$STYLIZE" plot log.jsonl log.png && "$STYLIZE" -q -n 0 -s 32 log.png style.png small.png && ls small.png
# an old chart is replaced, and stays when there is nothing to draw
echo old >run.svg
"$STYLIZE" plot /dev/null run.svg 2>&1
cat run.svg
"$STYLIZE" -q -s 32 -n 1 --plot run.svg content.png style.png out.png && grep -c '<svg' run.svg

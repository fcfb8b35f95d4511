# A run that is interrupted says how to go on, and goes on from any folder; a finished one can be given more
# iterations, as if it had had them from the start, and other weights.
"$STYLIZE" -q -s 48 --scales 32,48 -n 20,30 --log a.jsonl content.png style.png whole.png || exit
"$STYLIZE" -q -s 48 --scales 32,48 -n 20,34 content.png style.png longer.png || exit
mkdir folder
"$STYLIZE" -s 48 --scales 32,48 -n 20,30 --log log.jsonl --checkpoint folder/run content.png style.png out.png &
until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 3 ] 2>/dev/null; do sleep 0.02; done
kill -INT $!
wait $!
echo "exit $?"
sed -n 's/.*"stop":"\([a-z]*\)".*/\1/p' log.jsonl
(cd folder && "$STYLIZE" resume -q -j 1 run) || exit
cmp whole.png out.png && echo "as if it had not stopped"
grep -c '"event":"start"' log.jsonl
sed -n 's/.*"stop":"\([a-z]*\)".*/\1/p' log.jsonl
rm out.png
"$STYLIZE" resume folder/run || exit # again: writes it once more
cmp whole.png out.png && echo "and again"
"$STYLIZE" resume folder/run -n 4 --checkpoint other,9 more.png || exit
"$STYLIZE" resume -q other -n 5 --beta 1000 heavier.png || exit
cmp -s more.png heavier.png || echo "another picture"
"$STYLIZE" resume -q folder/run - | cmp - whole.png && echo "printed"
ls -A folder
"$STYLIZE" show more.png | grep -A2 '"changed"'
"$STYLIZE" resume -q other once.png || exit # it stays known
"$STYLIZE" show once.png | grep -A3 '"changed"'
"$STYLIZE" show out.png | grep '"changed"'
"$STYLIZE" again once.png first.png && cmp first.png out.png && echo "again as at first"

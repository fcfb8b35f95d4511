# A picture of a list that was killed goes on from its checkpoint to the same bits; one of other
# settings begins anew. The checkpoint goes when the picture is there.
echo 'content.png style.png out.png' >jobs
options="-w vgg19-slim -s 48 -n 300 --checkpoint {out}.checkpoint,0"
"$STYLIZE" batch jobs $options -q
echo "exit $?"
mv out.png whole.png
"$STYLIZE" batch jobs $options --log log >/dev/null 2>&1 &
while ! grep -q '"iteration":20,' log 2>/dev/null; do sleep 0.02; done
kill -9 $!
wait $! 2>/dev/null
cp out.png.checkpoint kept
cp log first
"$STYLIZE" batch jobs $options -q --log log # which goes on, too
echo "exit $?"
cmp -n "$(wc -c <first)" first log || echo "the log has lost its beginning"
cmp whole.png out.png && echo same
grep -c '"iteration":[0-9],' log
ls out.png* .out.png* 2>/dev/null
echo '-- other settings'
rm out.png log
mv kept out.png.checkpoint
"$STYLIZE" batch jobs $options -q --tv 1 --log log
echo "exit $?"
grep -c '"iteration":[0-9],' log
echo '-- one file for all'
"$STYLIZE" batch jobs --checkpoint run.checkpoint
echo "exit $?"

# Killed at 20 moments and resumed each time, a run comes to the same file as one that was left alone, and so
# does its log; of its pictures on the way none is missing.
options='-q -w vgg19-slim -s 48 --scales 32,48 -n 150,120 --save-every 50'
steps() {
    sed 's/"date":"[^"]*"//; s/"seconds":[^,]*,//; s/"peak_resident_bytes":[^,]*,//; s/"out":"[^"]*"//' "$1"
}
mkdir alone killed
began=$(date +%s%N)
"$STYLIZE" $options -n 0 content.png style.png beginning.png || exit
worked=$(date +%s%N)
"$STYLIZE" $options --log alone/log content.png style.png alone/out.png || exit
ended=$(date +%s%N)
{ "$STYLIZE" $options --log killed/log --checkpoint killed/run,0 content.png style.png killed/out.png & } 2>/dev/null
until [ -e killed/run ]; do sleep 0.02; done
kill -9 $!
wait $! 2>/dev/null
kills=1
# in thousandths of the work, behind its beginning: in all three quarters of it
for moment in 53 2 39 74 15 49 36 64 5 54 40 69 16 39 14 77 27 52 51; do
    "$STYLIZE" resume -q killed/run &
    sleep "$(awk "BEGIN { print ($worked - $began + ($ended - $worked) * $moment / 1000) / 1e9 }")"
    kill -9 $! 2>/dev/null && kills=$((kills + 1))
    wait $! 2>/dev/null
done 2>/dev/null
echo "$kills kills"
"$STYLIZE" resume -q killed/run || exit
cmp alone/out.png killed/out.png && echo "the same picture"
steps alone/log >a
steps killed/log >b
cmp a b && echo "the same log"
for file in alone/*-*.png; do
    cmp "$file" "killed/${file##*/}" || exit
done
ls alone >a
ls killed | grep -v "^run$" | cmp a - && echo "the same files"
ls -A killed | grep tmp
[ "$(wc -l <a)" -gt 4 ]

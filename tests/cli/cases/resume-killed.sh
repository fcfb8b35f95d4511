# Killed at 20 moments and resumed each time, a run comes to the same file as one that was left alone, and so
# does its log; of its pictures on the way none is missing.
options='-q -w vgg19-slim -s 48 --scales 32,48 -n 150,120 --save-every 50'
steps() {
    sed 's/"date":"[^"]*"//; s/"seconds":[^,]*,//; s/"peak_resident_bytes":[^,]*,//; s/"out":"[^"]*"//' "$1"
}
mkdir alone killed
"$STYLIZE" $options --log alone/log content.png style.png alone/out.png || exit
{ "$STYLIZE" $options --log killed/log --checkpoint killed/run,0 content.png style.png killed/out.png & } 2>/dev/null
until [ -e killed/run ]; do sleep 0.02; done
kill -9 $!
wait $! 2>/dev/null
kills=1
for moment in 13 02 09 16 05 11 08 14 03 12 10 15 06 09 04 17 07 12 11; do
    "$STYLIZE" resume -q killed/run &
    sleep "0.$moment"
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

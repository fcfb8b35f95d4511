# Two processes on one list: each picture is painted by one of them, and no claim stays, not even of
# one that was killed.
i=0
while [ $i -lt 12 ]; do
    echo "content.png style.png out/$i.png --seed $i" >>jobs
    i=$((i + 1))
done
mkdir out
: >out/.3.png.claim # of one that was killed
"$STYLIZE" batch jobs -s 32 -n 1 2>first &
"$STYLIZE" batch jobs -s 32 -n 1 2>second
echo "exit $?"
wait $!
echo "exit $?"
ls -A out | wc -l
cat first second | grep -c ' 1 iteration'
cat first second | sed -n 's/^stylize: \([0-9]*\) done, \([0-9]*\) skipped, 0 failed, .*/\1+\2/p' | awk -F+ '
    { painted += $1 }
    END { print painted }'

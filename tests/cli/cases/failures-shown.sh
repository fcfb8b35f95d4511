# Whoever watches is shown at once what cannot be written beside the picture, once, and told at the end.
mkdir there
mkfifo log
"$STYLIZE" --progress --precision fp32 -n 1000000 -s 48 --checkpoint there/it,0.05 --log log content.png style.png out.png 2>err &
head -n 9 log >/dev/null
rm -r there
for file in there/it log; do
    until grep -q "cannot write $file: .*; the run goes on$" err; do sleep 0.1; done
done
sleep 0.3
kill -INT $!
wait $!
echo "exit $?"
[ -s out.png ] && grep 'goes on$' err | sort
tail -n 1 err

# The sheet has what there is: the picture that was being painted; the others say that they are not.
"$STYLIZE" plot none.jsonl out.svg 2>&1 | grep -q 'without cairo' && echo 'built without cairo' && exit 77
"$STYLIZE" --progress -n 1000000 --scales 1 --sweep-size 32 --sweep beta=1,100 content.png style.png \
    out.png 2>err &
until grep -q 'picture 1/2, beta = 1: iteration [1-9]' err 2>/dev/null; do sleep 0.1; done
kill -INT $!
wait $!
status=$?
grep 'of 2' err
grep -c '<img' out.html
grep -o '>not painted<' out.html
od -An -tu1 -j 16 -N 2 out.png
exit $status

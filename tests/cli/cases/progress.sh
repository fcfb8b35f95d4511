# On a pipe only if asked to, as lines: the phases, and an iteration a second at most.
"$STYLIZE" -s 48 -n 20 content.png style.png out.png 2>&1 | cat
"$STYLIZE" --progress --precision fp32 -s 48 -n 1000000 content.png style.png out.png 2>found &
until [ "$(grep -c ^iteration found 2>/dev/null)" -gt 2 ] 2>/dev/null; do sleep 0.1; done
kill -INT $!
wait $!
status=$?
tr -d -c '\r\033' <found | wc -c | tr -d ' '
sed 's/^iteration [0-9]*\/1000000  cost [0-9.e+-]*\(  [0-9.e-]* s\/iteration  \([0-9]* h \)*\([0-9]* min\)*\( *[0-9]* s\)* left\)*$/iteration/
     s/ [0-9]* iterations, \([0-9]* min \)*[0-9]* s,/ some iterations, some time,/' found | uniq
lines=$(grep -c ^iteration found)
seconds=$(sed -n 's/.* iterations, \([0-9]*\) s,.*$/\1/p' found)
[ "${seconds:-99}" -gt 60 ] || [ "$lines" -le $((seconds + 2)) ] || echo "$lines lines in $seconds s"
exit $status

# Six times in a second at most, whatever an iteration takes; what script adds and the end come on top.
script -qe -c true -T timing /dev/null >/dev/null 2>&1 || { echo "no pseudo-terminal with times here"; exit 77; }
cat >inner.sh <<'END'
"$STYLIZE" -s 48 -n 1000000 --precision fp32 --log log.jsonl content.png style.png out.png &
until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 2 ] 2>/dev/null; do sleep 0.1; done
sleep 3
kill -INT $!
wait $!
END
script -q -c 'sh inner.sh' -T timing found >/dev/null
tr '\r' '\n' <found | grep -ac '^iteration' | awk '{ print ($1 >= 6 ? "alive" : "only " $1) }'
awk '{ time += $1 } END { print (NR <= 6 * (time + 1) + 5 ? "calm" : NR " writes in " time " s") }' timing

# Six times in a second at most, whatever an iteration takes; what script adds and the end come on top.
script -qe -c true -T timing /dev/null >/dev/null 2>&1 || { echo "no pseudo-terminal with times here"; exit 77; }
script -qe -c '"$STYLIZE" -s 48 -n 1500 content.png style.png out.png' -T timing found >/dev/null
tr '\r' '\n' <found | grep -ac '^iteration' | awk '{ print ($1 >= 6 ? "alive" : "only " $1) }'
awk '{ time += $1 } END { print (NR <= 6 * (time + 1) + 5 ? "calm" : NR " writes in " time " s") }' timing

# From the program's first line on a signal ends it as documented, and kills it not; also while it starts
# itself again for OpenMP.
grep -q memcheck.sh "$STYLIZE" && { echo "a signal while valgrind starts kills it"; exit 77; }
[ -r /proc/self/status ] || { echo "no /proc here"; exit 77; }
unset OMP_WAIT_POLICY
killed=0
for pause in 0 0 0 0 0.001 0.002 0.003 0.004 0.005 0.006 0.008 0.01 0.012 0.015 0.02 0.03; do
    "$STYLIZE" -q -n 100000 -s 48 content.png style.png "out.png" 2>err &
    tries=0
    until grep -q '^SigCgt:.*[4-7c-f][0-9a-f][0-9a-f][0-9a-f]$' "/proc/$!/status"; do
        [ $((tries += 1)) -lt 1000 ] || break
    done
    sleep "$pause"
    kill -TERM $!
    wait $!
    case $? in 1 | 130) ;; *) killed=$((killed + 1)) ;; esac
    [ "$(wc -l <err)" -le 1 ] || cat err
done
echo "$killed killed"

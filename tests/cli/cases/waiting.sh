# How threads wait is settled before the program begins, unless the user has said so.
[ -r "/proc/$$/environ" ] && ldd "$STYLIZE" 2>/dev/null | grep -q 'lib[gi]*omp' || {
    echo "no OpenMP, or no /proc"
    exit 77
}
unset OMP_WAIT_POLICY GOMP_SPINCOUNT
look() {
    rm -f pipe found
    mkfifo pipe
    "$STYLIZE" - style.png out.png <pipe 2>/dev/null &
    exec 3>pipe # the program waits for its content
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        case $(readlink "/proc/$!/exe") in *stylize) ;; *) sleep 0.1 && continue ;; esac # not begun yet
        tr '\0' '\n' <"/proc/$!/environ" | grep -E '^(OMP_WAIT_POLICY|GOMP_SPINCOUNT)=' | sort >found
        grep -q OMP_WAIT found && break
        sleep 0.2
    done
    exec 3>&-
    wait $!
    echo $(cat found)
}
look
(export GOMP_SPINCOUNT=7 && look)
(export OMP_WAIT_POLICY=active && look)

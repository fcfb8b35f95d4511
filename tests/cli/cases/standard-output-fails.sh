# What cannot be printed is a failure, said in one line.
grep -q memcheck.sh "$STYLIZE" && { echo "valgrind opens files of its own in the place of closed streams"; exit 77; }
[ -e /dev/full ] || { echo "no /dev/full here"; exit 77; }
check() {
    status=$?
    [ $status -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^stylize: .*cannot write to standard output: $1" err ||
        echo "$2: exit $status, $(cat err)"
}
for arguments in "--help" "--version" "-v --version" "--plan -n 1 -s 48 content.png style.png" \
    "-n 1 -s 48 content.png style.png -" "--precision fp32 -n 1000000 -s 48 --log - content.png style.png out.png"; do
    "$STYLIZE" $arguments >/dev/full 2>err
    check "No space left on device" "$arguments, full"
    "$STYLIZE" $arguments >&- 2>err
    check "Bad file descriptor" "$arguments, closed"
done
[ ! -e out.png ]

#!/bin/sh
# Runs a test program, by $RUNNER where there is one, and keeps its output; prints one line about it, and
# of failed tests all that they said. The log's last line has the counts, for sum.sh.
#     run.sh PROGRAM LOG
set -u
program=$1
log=$2
# Threads that wait for each other on a busy machine leave it to the others.
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY
# What the leak sanitizer finds that is not ours.
LSAN_OPTIONS=${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$(dirname "$0")/lsan.supp:print_suppressions=0
export LSAN_OPTIONS

# shellcheck disable=SC2086
CMOCKA_MESSAGE_OUTPUT=TAP ${RUNNER-} "$program" >"$log" 2>&1
status=$?
# cmocka's TAP calls a skipped test "not ok N # SKIP"; the standard, "ok N # SKIP".
skipped=$(grep -c -E '^(not )?ok .*# SKIP' "$log")
passed=$(grep -v '# SKIP' "$log" | grep -c '^ok ')
failed=$(grep -v '# SKIP' "$log" | grep -c '^not ok ')
# A program that dies has fewer results than tests.
[ $status -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
[ $((passed + skipped)) -gt 0 ] || failed=$((failed + 1))

printf '  %-24s %3d passed%s\n' "$(basename "$program")" "$passed" \
    "$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
[ "$failed" -eq 0 ] || {
    grep -v -E '^ok |# SKIP' "$log"
    echo "  $(basename "$program"): $failed failed (exit $status)"
}
echo "# $passed passed, $failed failed, $skipped skipped" >>"$log"

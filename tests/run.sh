#!/bin/sh
# Runs the test programs given, each with its output kept beside it, and prints one line for each, the
# failed tests in full, and the sum. Fails when a test failed, a program crashed or nothing ran.
set -u
# Threads that wait for each other on a busy machine leave it to the others.
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY
# What the leak sanitizer finds that is not ours.
LSAN_OPTIONS=${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$(dirname "$0")/lsan.supp:print_suppressions=0
export LSAN_OPTIONS
passed=0
failed=0
for program in "$@"; do
    log=$program.log
    CMOCKA_MESSAGE_OUTPUT=TAP "$program" >"$log" 2>&1
    status=$?
    # cmocka's TAP calls a skipped test "not ok N # SKIP"; the standard, "ok N # SKIP".
    skipped=$(grep -c -E '^(not )?ok .*# SKIP' "$log")
    ok=$(grep -v '# SKIP' "$log" | grep -c '^ok ')
    bad=$(grep -v '# SKIP' "$log" | grep -c '^not ok ')
    # A program that dies has fewer results than tests.
    [ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    [ $((ok + skipped)) -gt 0 ] || bad=$((bad + 1))
    printf '  %-24s %3d passed%s\n' "$(basename "$program")" "$ok" \
        "$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
    [ "$bad" -eq 0 ] || {
        grep -v -E '^ok |# SKIP' "$log"
        echo "  $(basename "$program"): $bad failed (exit $status)"
    }
    passed=$((passed + ok))
    failed=$((failed + bad))
done
echo "unit tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

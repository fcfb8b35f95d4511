#!/bin/sh
# Adds up the logs of run.sh, and fails when a test failed or none ran.
#     sum.sh LOG...
set -u
awk '
    /^# [0-9]+ passed, / { passed += $2; failed += $4; skipped += $6 }
    END {
        printf "unit tests: %d passed, %d failed, %d skipped\n", passed, failed, skipped
        exit failed > 0 || passed == 0
    }' "$@"

#!/bin/sh
# Runs a program under valgrind, which sees what is read before it is written, read or written outside
# of its block, or lost.
#     memcheck.sh PROGRAM [ARGUMENT...]
# What it finds goes into the folder FINDINGS, into which whoever started this looks, as tests/cli/run.sh
# does; where there is none it is printed, and the exit status is 99.
here=$(dirname "$0")
found=${FINDINGS-}
[ "$found" ] || found=$(mktemp -d "${TMPDIR:-/tmp}/stylize-memcheck.XXXXXX") || exit 1
# Allocations that tests let fail are those of the tests: valgrind takes those of the system's library alone.
# The child of a fork has a file of its own.
set -- valgrind -q --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --num-callers=25 --soname-synonyms=somalloc=nouserintercepts --suppressions="$here/valgrind.supp" \
    --trace-children=yes --trace-children-skip='/bin/*,/usr/*,/sbin/*' --log-file="$found/%p" "$@"
[ -z "${FINDINGS-}" ] || exec "$@"
trap 'rm -rf "$found"' EXIT
"$@"
status=$?
logs=$(find "$found" -type f -size +0)
[ -z "$logs" ] || {
    # shellcheck disable=SC2086
    cat $logs
    status=99
}
exit $status

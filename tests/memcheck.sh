#!/bin/sh
# Unit tests and some pictures under valgrind: what is read before it is written, read or written outside
# of its block, or lost. Prints a line for each, and all that valgrind says of those that fail.
#     memcheck.sh PROGRAM TEST...
set -u
LC_ALL=C
export LC_ALL
program=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-memcheck.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
# valgrind knows no AVX-512.
STYLIZE_ISA=$("$program" --version -v | grep -q avx2 && echo avx2 || echo generic)
export STYLIZE_ISA
passed=0
failed=0

# check NAME COMMAND...: by its own status, too.
check() {
    name=$1
    shift
    if valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --child-silent-after-fork=yes \
        --log-file="$work/log" "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
        echo "  $name"
    else
        status=$?
        failed=$((failed + 1))
        echo "  $name: exit $status"
        cat "$work/log"
        tail -5 "$work/said"
    fi
}

for test in "$@"; do
    check "$(basename "$test")" "$test"
done
paint() {
    check "stylize $*" "$program" --no-defaults -q -w "$root/weights/vgg19-slim.safetensors" "$@" \
        "$root/tests/images/rgb.jpg" "$root/tests/images/profile.jpg" "$work/out.png"
}
paint -s 32 -n 2 --upscale
paint -s 48 -n 1,1 --scales 24,48 --optimizer adam --upscale --log "$work/log.jsonl" --checkpoint "$work/ck,0"
paint -s 32 -n 2 --optimizer gd --color content --upscale --plot "$work/costs.svg"
check "stylize show" "$program" show "$work/out.png"
echo "memcheck tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

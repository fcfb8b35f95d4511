#!/bin/sh
# Paints small pictures again and again while allocations fail, one of them or all from one on: of PNG
# and JPEG, with each optimiser, in one stage and two, of one style and two. Each run
# has to end with the picture that it would be otherwise, or with exit 1 and one line that says
# something: never by a signal, nor with another picture.
#
#     STYLIZE=build/stylize sh tests/faults/alloc.sh SHIM [STEP]
#
# SHIM is alloc.c as a shared object. Every STEP-th allocation is tried (1: each, half an hour).
set -u
LC_ALL=C
export LC_ALL
shim=$1
step=${2:-211}
here=$(cd "$(dirname "$0")" && pwd)
images=$(dirname "$here")/images
work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-alloc.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
# With a policy of waiting the program does not start itself again, and is counted once.
OMP_WAIT_POLICY=passive
HOME=$work
export OMP_WAIT_POLICY HOME

# The kinds of runs, a line each.
runs='-s 32 -n 1 rgb.jpg profile.png
-s 48 -n 1,1 --scales 24,48 --optimizer adam profile.png rgb.jpg rgb8.png
-s 32 -n 2 --optimizer gd --color content grey.jpg rgb16.png'

paint() { # the words of a line
    # shellcheck disable=SC2086
    (cd "$images" && exec "$STYLIZE" --no-defaults -q -w "$here/../../weights/vgg19-slim.safetensors" \
        --threads 1 --upscale $* "$work/out.png" 2>"$work/said")
}

# one VARIABLE N WORD...: a run with that failure, and what is wrong with how it ended.
one() {
    variable=$1
    n=$2
    shift 2
    rm -f "$work/out.png"
    (
        export "$variable=$n" LD_PRELOAD="$shim"
        paint "$@"
    ) 2>/dev/null
    status=$?
    lines=$(grep -c . "$work/said")
    case $status in
    0) cmp -s "$work/out.png" "$work/wanted.png" && return
       echo "alloc: $variable=$n $*: another picture" ;;
    1) [ "$lines" -eq 1 ] && [ ! -e "$work/out.png" ] && ! grep -q ': *$' "$work/said" && return
       echo "alloc: $variable=$n $*: exit 1 and $lines lines: $(head -c 300 "$work/said")" ;;
    *) echo "alloc: $variable=$n $*: exit $status: $(head -c 300 "$work/said")" ;;
    esac
}

# all WORD...: a kind of run with every failure. Leaves the number of runs in $work/runs.
all() {
    paint "$@" || { echo "alloc: $*: $(cat "$work/said")"; return; }
    mv "$work/out.png" "$work/wanted.png"
    (
        export ALLOC_COUNT="$work/count" LD_PRELOAD="$shim"
        paint "$@"
    )
    count=$(cat "$work/count" 2>/dev/null)
    [ "${count:-0}" -gt 100 ] || { echo "alloc: the shim counts nothing"; return; }
    at=1
    while [ "$at" -le "$count" ]; do
        one ALLOC_FAIL "$at" "$@"
        one ALLOC_FROM "$at" "$@"
        echo "$at" >>"$work/tried"
        at=$((at + step))
    done
}

: >"$work/tried"
echo "$runs" | while read -r words; do
    # shellcheck disable=SC2086
    all $words
done >"$work/wrong"
tried=$((2 * $(wc -l <"$work/tried")))
wrong=$(wc -l <"$work/wrong")
cat "$work/wrong"
echo "alloc tests: $((tried - wrong)) passed, $((wrong)) failed"
[ "$wrong" -eq 0 ] && [ "$tried" -gt 0 ]

#!/bin/sh
# Paints a small picture again and again while allocations fail, one of them or all from one on. Each run
# has to end with the picture that it would be otherwise, or with exit 1 and one line that says
# something: never by a signal, nor with another picture.
#
#     STYLIZE=build/stylize sh tests/faults/alloc.sh SHIM [STEP]
#
# SHIM is alloc.c as a shared object. Every STEP-th allocation is tried (1: each, some minutes).
set -u
LC_ALL=C
export LC_ALL
shim=$1
step=${2:-97}
here=$(cd "$(dirname "$0")" && pwd)
images=$(dirname "$here")/images
work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-alloc.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
# With a policy of waiting the program does not start itself again, and is counted once.
OMP_WAIT_POLICY=passive
HOME=$work
export OMP_WAIT_POLICY HOME

paint() {
    "$STYLIZE" --no-defaults -q -w "$here/../../weights/vgg19-slim.safetensors" -s 32 -n 1 \
        --threads 1 "$images/rgb.jpg" "$images/profile.png" "$work/out.png" 2>"$work/said"
}

# one VARIABLE N: a run with that failure, and what is wrong with how it ended.
one() {
    rm -f "$work/out.png"
    (
        export "$1=$2" LD_PRELOAD="$shim"
        paint
    ) 2>/dev/null
    status=$?
    lines=$(grep -c . "$work/said")
    case $status in
    0) cmp -s "$work/out.png" "$work/wanted.png" && return
       echo "alloc: $1=$2: another picture" ;;
    1) [ "$lines" -eq 1 ] && [ ! -e "$work/out.png" ] && ! grep -q ': *$' "$work/said" && return
       echo "alloc: $1=$2: exit 1 and $lines lines: $(head -c 300 "$work/said")" ;;
    *) echo "alloc: $1=$2: exit $status: $(head -c 300 "$work/said")" ;;
    esac
}

paint || { cat "$work/said"; exit 1; }
mv "$work/out.png" "$work/wanted.png"
(
    export ALLOC_COUNT="$work/count" LD_PRELOAD="$shim"
    paint
)
count=$(cat "$work/count" 2>/dev/null)
[ "${count:-0}" -gt 100 ] || { echo "alloc: the shim counts nothing"; exit 1; }
runs=0
n=1
while [ "$n" -le "$count" ]; do
    one ALLOC_FAIL "$n"
    one ALLOC_FROM "$n"
    runs=$((runs + 2))
    n=$((n + step))
done >"$work/wrong"
wrong=$(wc -l <"$work/wrong")
cat "$work/wrong"
echo "alloc tests: $((runs - wrong)) passed, $((wrong)) failed"
[ "$wrong" -eq 0 ]

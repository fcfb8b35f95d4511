# What does not fit into memory in fp32 is tried in bf16, in one line; but not where fp32 is asked for. A plan says
# what is still to come. Kernels that multiply no bf16 are used, with which auto is fp32 as long as that fits.
version=$(exec 2>/dev/null; ulimit -v 150000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "sanitizers take memory of their own"; exit 77; }
for STYLIZE_ISA in $("$STYLIZE" -v --version | sed -n 's/^instruction sets: //p'); do
    export STYLIZE_ISA
    "$STYLIZE" -v --version 2>&1 | grep -q '^bf16 products: no' && break
done
plan() (
    ulimit -v "$1"
    shift
    "$STYLIZE" -j 1 --upscale --scales 1 -n 0 --plan content.png style.png "$@" 2>&1
)
number() { sed -n "s/^$1: \([0-9]*\) MB.*/\1/p" "$2"; }
enough=4000000
plan $enough --preset draft -s 1500 --precision fp32 >fp32
plan $enough --preset draft -s 1500 --precision bf16 >bf16
grep -q '^precision: bf16' bf16 || { echo "no kernels of bf16"; exit 77; }
plan $enough --preset draft -s 48 | grep '^precision'
# Between what the two need.
short=$((enough - 1024 * ($(number 'memory available' fp32) - ($(number 'memory still needed' fp32) + $(number 'memory still needed' bf16)) / 2)))
for precision in auto fp32; do
    plan $short --preset draft -s 1500 --precision $precision |
        sed -n '/^precision/p; s/^\(largest size that fits: \)[0-9]*/\1N/p; s/ needs about .*/ needs more/; /^stylize/p'
done
plan 400000 -s 48 | sed -n 's/^\(largest size that fits: \)[0-9]*/\1N/p'
plan 400000 --preset draft -s 48 | sed -n 's/^\(largest size that fits: \)[0-9]*/\1N/p'

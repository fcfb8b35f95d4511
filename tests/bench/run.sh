#!/bin/sh
# Runs every part of the measurements on something tiny, in both precisions, so that they keep
# working; what they measured is in the log. The kernels are compared with the generic set on the
# way, and the two workers that evaluate the cost with one another: what bench-peer compares stays
# the same whatever the defaults become.
#     run.sh PROGRAM LOG
set -u

# What a worker says first: the cost and the norm of its gradient.
start_of() {
    "$1" --worker "$2" "$3" 48 1 "$4" </dev/null |
        sed -n 's/.*"total":\([^,}]*\).*"gradient_norm":\([^,}]*\).*/\1 \2/p'
}

# The same number up to the order in which the two add.
agree() {
    awk -v first="$1" -v second="$2" 'BEGIN {
        if (split(first, a) != 2 || split(second, b) != 2) exit 1
        for (i = 1; i <= 2; i++) {
            off = a[i] - b[i]
            if (!(a[i] > 0) || off * off > 1e-10 * a[i] * a[i]) exit 1
        }
    }'
}

all_parts() {
    "$1" --quick --slim --size 48 all || return 1
    for part in layers evaluations; do
        "$1" --quick --slim --size 48 --precision bf16 "$part" || return 1
    done
    for weights in weights/vgg16.safetensors weights/vgg19-slim.safetensors; do
        for precision in fp32 bf16; do
            one=$(start_of "$1" eval "$weights" "$precision")
            other=$(start_of "$1" transfer "$weights" "$precision")
            echo "$weights, $precision: eval $one, transfer $other"
            agree "$one" "$other" || {
                echo "they do not evaluate the same cost"
                return 1
            }
        done
    done
}

if all_parts "$1" >"$2" 2>&1; then
    echo "measurements: all parts run"
else
    cat "$2"
    echo "measurements: failed"
    exit 1
fi

#!/bin/sh
# Paints a small picture again and again while calls of the system for files fail: strace lets the N-th
# of a kind fail with an error, in every process of the run; calls that come short are made by short.c.
# Each run has to end with the picture that it would be otherwise, or with exit 1 and one line, and OUT
# as it was (whole, where the line ends in "is saved"); no temporary file may be left.
#
#     STYLIZE=build/stylize sh tests/faults/io.sh SHIM [STEP]
#
# SHIM is short.c as a shared object. Every STEP-th call of each kind is tried (1: each).
set -u
LC_ALL=C
export LC_ALL
shim=$1
step=${2:-41}
command -v strace >/dev/null && strace -f -qq -o /dev/null -e trace=write true 2>/dev/null || {
    echo "io tests: 0 passed, 0 failed, 1 skipped: no strace that may trace here"
    exit 0
}
here=$(cd "$(dirname "$0")" && pwd)
images=$(dirname "$here")/images
work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-io.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
# With a policy of waiting the program does not start itself again, and is counted once.
OMP_WAIT_POLICY=passive
HOME=$work/home
export OMP_WAIT_POLICY HOME

# paint BESIDE COMMAND...: in the folder `out`, with more files beside OUT or not.
paint() {
    more=
    [ "$1" = alone ] ||
        more="--log log.jsonl --checkpoint run.checkpoint,0 --save-recipe recipe.json --save-every 1 --save-pattern on-the-way.png"
    shift
    # shellcheck disable=SC2086
    (cd "$work/out" && exec timeout 20 "$@" "$STYLIZE" --no-defaults -q -w "$here/../../weights/vgg19-slim.safetensors" \
        -s 32 -n 2 --threads 1 $more "$images/rgb.jpg" "$images/rgb8.png" out.png 2>"$work/said")
}

# Before a run: no OUT, or an old one.
set_out() {
    rm -rf "$work/out"
    mkdir "$work/out"
    [ "$1" = alone ] || cp "$work/old.png" "$work/out/out.png"
}

# check BESIDE STATUS WHAT: how a run ended, and what it left.
check() {
    echo . >>"$work/tried"
    out=$work/out/out.png
    old=false
    if [ "$1" = alone ]; then
        [ -e "$out" ] || old=true
    else
        cmp -s "$out" "$work/old.png" && old=true
    fi
    lines=$(wc -l <"$work/said")
    case $2 in
    0) cmp -s "$out" "$work/wanted.png" || echo "io: $3: exit 0 and another picture" ;;
    1)
        [ "$lines" -eq 1 ] || echo "io: $3: exit 1 and $lines lines: $(head -c 300 "$work/said")"
        # "is saved" is of the best picture so far, which may be another one where the run was stopped.
        $old || cmp -s "$out" "$work/wanted.png" || grep -q 'is saved$' "$work/said" ||
            echo "io: $3: exit 1, and OUT is neither old nor whole"
        ;;
    *) echo "io: $3: exit $2: $(head -c 300 "$work/said")" ;;
    esac
    case $3 in *unlinkat*) return ;; esac # then the temporary file cannot be removed
    find "$work/out" -name '*.tmp' | grep -q . && echo "io: $3: a temporary file is left"
}

# How often the process that does most of a kind calls it, from the program's first line on.
count() { # KIND TRACE
    awk -v kind="$1" '
        /rt_sigaction\(SIGINT/ { begun = 1 }
        !begun { before[$1] += $2 ~ "^" kind "[(]"; next }
        $2 ~ "^" kind "[(]" { n[$1]++ }
        END {
            for (id in n)
                if (n[id] > most) { most = n[id]; first = before[id] }
            print first + 0, first + most + 0
        }' "$2"
}

# all BESIDE: every call of a run.
all() {
    set_out "$1"
    paint "$1" strace -f -qq -o "$work/trace" -e "trace=$(echo "$kinds" | tr '\n' , | sed 's/,$//'),rt_sigaction"
    for kind in $kinds; do
        count "$kind" "$work/trace" >"$work/range"
        read -r first last <"$work/range"
        case $kind in
        read | pread64) errors="EIO EINTR" ;;
        write | fsync | openat) errors="EIO ENOSPC EINTR" ;;
        *) errors="EIO" ;;
        esac
        for failure in $errors; do
            at=$((first + 1))
            while [ "$at" -le "$last" ]; do
                set_out "$1"
                paint "$1" strace -f -qq -o /dev/null -e "trace=$kind" -e "inject=$kind:error=$failure:when=$at"
                check "$1" $? "$1 $kind $at of $last: $failure"
                at=$((at + step))
            done
        done
    done
    for every in 1 2 3 5 7 11; do
        set_out "$1"
        paint "$1" env LD_PRELOAD="$shim" SHORT_EVERY=$every
        check "$1" $? "$1: each $every. call comes short"
        cmp -s "$work/out/out.png" "$work/wanted.png" || echo "io: $1: each $every. call comes short: no picture"
    done
}

kinds='openat
read
pread64
write
close
fsync
renameat
newfstatat
fcntl
lseek
unlinkat
readlinkat
getdents64
ftruncate
flock
pipe2
dup2
sendmsg
recvmsg
socketpair'
: >"$work/tried"
mkdir "$work/out"
"$STYLIZE" -q --no-metadata -n 0 -s 0 "$images/rgb.jpg" "$images/rgb8.png" "$work/old.png" || exit 1
for beside in alone beside; do
    set_out $beside
    paint $beside env || { cat "$work/said"; exit 1; }
    mv "$work/out/out.png" "$work/wanted.png"
    all $beside
done >"$work/wrong"
tried=$(wc -l <"$work/tried")
wrong=$(wc -l <"$work/wrong")
cat "$work/wrong"
echo "io tests: $((tried - wrong)) passed, $((wrong)) failed"
[ "$wrong" -eq 0 ] && [ "$tried" -gt 0 ]

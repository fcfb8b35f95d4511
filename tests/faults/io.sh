#!/bin/sh
# Paints a small picture again and again while calls of the system for files fail, with EIO, ENOSPC
# or EINTR, or come short; with files beside OUT (checkpoint, log, recipe, chart, pictures on the
# way) and without, over an old OUT and a new one.
#
# Each run has to end with the picture that it would be otherwise, or with exit 1 and one line, OUT
# being whole or what it was; no temporary file may be left. Where a call was interrupted or came short
# it has to end as it would otherwise, with all files.
#
#     STYLIZE=build/stylize sh tests/faults/io.sh SHIM [STEP]
#
# SHIM is io.c as a shared object. Every STEP-th call is tried (1: each).
set -u
LC_ALL=C
export LC_ALL
shim=$1
step=${2:-211}
here=$(cd "$(dirname "$0")" && pwd)
images=$(dirname "$here")/images
work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-io.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
# With a policy of waiting the program does not start itself again, and is counted once.
OMP_WAIT_POLICY=passive
HOME=$work/home
export OMP_WAIT_POLICY HOME

# The kinds of runs: files beside OUT or not, and whether there is an OUT.
kinds='alone new
alone old
beside new
beside old'
beside='--log log.jsonl --checkpoint run.checkpoint,0 --save-recipe recipe.json --plot plot.png
    --save-every 1 --save-pattern on-the-way.png'

# paint BESIDE [VARIABLE=VALUE...]: in the folder `out`.
paint() {
    more=
    [ "$1" = alone ] || more=$beside
    shift
    # shellcheck disable=SC2086
    (cd "$work/out" && exec timeout 20 env "$@" "$STYLIZE" --no-defaults -q -s 48 -n 1 --scales 1 \
        --threads 1 -w "$here/../../weights/vgg19-slim.safetensors" $more "$images/rgb.jpg" \
        "$images/rgb8.png" out.png 2>"$work/said")
}

# Before a run: no OUT, or an old one.
set_out() { # new|old
    rm -rf "$work/out"
    mkdir "$work/out"
    [ "$1" = new ] || cp "$work/old.png" "$work/out/out.png"
}

# Whether all files are those of a run without failures. Logs and checkpoints have times in them.
is_whole() {
    for path in "$work"/wanted/*; do
        name=${path##*/}
        case $name in
        run.checkpoint) ;; # see below
        log.jsonl)
            [ "$(wc -l <"$path")" -eq "$(wc -l <"$work/out/$name")" ] &&
                "$STYLIZE" plot "$work/out/$name" "$work/plot.png" >/dev/null 2>/dev/null
            ;;
        *) cmp -s "$path" "$work/out/$name" ;;
        esac || return 1
    done
    [ ! -e "$work/wanted/run.checkpoint" ] || {
        "$STYLIZE" resume -q "$work/out/run.checkpoint" 2>/dev/null &&
            cmp -s "$work/wanted/out.png" "$work/out/out.png"
    }
}

# check OLD STATUS WHAT FAILURE: how a run ended, and what it left.
check() {
    echo . >>"$work/tried"
    out=$work/out/out.png
    was=false
    if [ "$1" = new ]; then
        [ -e "$out" ] || was=true
    else
        cmp -s "$out" "$work/old.png" && was=true
    fi
    lines=$(wc -l <"$work/said")
    case $2,$4 in
    0,EINTR | 0,SHORT) is_whole || echo "io: $3: exit 0, and not all files are whole" ;;
    0,*) cmp -s "$out" "$work/wanted/out.png" || echo "io: $3: exit 0 and another picture" ;;
    1,EINTR | 1,SHORT) echo "io: $3: exit 1: $(head -c 300 "$work/said")" ;;
    1,*)
        [ "$lines" -eq 1 ] || echo "io: $3: exit 1 and $lines lines: $(head -c 300 "$work/said")"
        # Of a run that was stopped it is the best picture so far.
        $was || cmp -s "$out" "$work/wanted/out.png" || { grep -q 'is saved$' "$work/said" &&
            "$STYLIZE" show "$out" >/dev/null 2>&1; } ||
            echo "io: $3: exit 1, and OUT is neither whole nor what it was"
        ;;
    *) echo "io: $3: exit $2: $(head -c 300 "$work/said")" ;;
    esac
    find "$work/out" -name '.*' -type f >"$work/left"
    # Where it is the removal that fails the next run removes it.
    [ -s "$work/left" ] && ! told 2 | grep -q unlink && echo "io: $3: is left: $(cat "$work/left")"
}

# What the shim tells: 1, how many calls there were; 2, which one failed.
told() { # LINE
    sed -n "$1{s/ //g;p;q}" "$work/told" 2>/dev/null | tr -d '\000'
}

# all BESIDE OLD: every call of a run.
all() {
    for failure in EIO ENOSPC EINTR SHORT; do
        set_out "$2"
        paint "$1" "LD_PRELOAD=$shim" "IO_WHAT=$failure" "IO_TELL=$work/told"
        count=$(told 1)
        [ "${count:-0}" -gt 100 ] || { echo "io: the shim counts nothing"; return; }
        at=$(((step + 1) / 2))
        while [ "$at" -le "$count" ]; do
            set_out "$2"
            paint "$1" "LD_PRELOAD=$shim" "IO_WHAT=$failure" "IO_AT=$at" "IO_TELL=$work/told"
            check "$2" $? "$1, OUT $2, $failure at $at of $count ($(told 2))" "$failure"
            at=$((at + step))
        done
    done
    for every in 2 3 7; do
        for failure in EINTR SHORT; do
            set_out "$2"
            paint "$1" "LD_PRELOAD=$shim" "IO_WHAT=$failure" "IO_EVERY=$every"
            check "$2" $? "$1, OUT $2, each $every. call: $failure" "$failure"
        done
    done
    set_out "$2"
    paint "$1" "LD_PRELOAD=$shim" IO_WHAT=SHORT IO_EVERY=1
    check "$2" $? "$1, OUT $2, each call: SHORT" SHORT
}

: >"$work/tried"
: >"$work/told"
mkdir "$work/out"
"$STYLIZE" -q --no-metadata -n 0 -s 0 "$images/rgb.jpg" "$images/rgb8.png" "$work/old.png" || exit 1
echo "$kinds" | while read -r kind old; do
    set_out "$old"
    paint "$kind" || { cat "$work/said"; continue; }
    rm -rf "$work/wanted"
    mv "$work/out" "$work/wanted"
    all "$kind" "$old"
done >"$work/wrong"
tried=$(wc -l <"$work/tried")
wrong=$(wc -l <"$work/wrong")
cat "$work/wrong"
echo "io tests: $((tried - wrong)) passed, $((wrong)) failed"
[ "$wrong" -eq 0 ] && [ "$tried" -gt 0 ]

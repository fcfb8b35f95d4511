#!/bin/sh
# Searches for bytes that a reader does not stand: each entry by libFuzzer with the address and undefined
# sanitizers, for so many minutes of processor time. Run from the root of the project.
#     campaign.sh [-b BUILD] [-s] FOLDER MINUTES [TARGET...]
# FOLDER/TARGET/corpus grows from run to run, and is minimised at the end of each; finds are put in
# FOLDER/TARGET/finds, what was said in FOLDER/TARGET/log. Targets are the names of tests/fuzz/fuzz_*.c;
# all of them where none is named. -b: where `make fuzz-programs` has built (build/fuzz). -s SECONDS takes
# the place of MINUTES. Fails where anything was found.
set -u
LC_ALL=C
export LC_ALL
build=build/fuzz
seconds=
while getopts b:s: option; do
    case $option in
    b) build=$OPTARG ;;
    s) seconds=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || { echo "usage: campaign.sh [-b BUILD] FOLDER MINUTES [TARGET...]" >&2; exit 2; }
folder=$1
shift
if [ -z "$seconds" ]; then
    [ $# -ge 1 ] || { echo "campaign.sh: no MINUTES" >&2; exit 2; }
    seconds=$(awk -v m="$1" 'BEGIN { printf "%d", m * 60 }')
    shift
fi
[ "$seconds" -gt 0 ] || { echo "campaign.sh: a time above 0 is wanted" >&2; exit 2; }
[ $# -gt 0 ] || set -- $(for file in tests/fuzz/fuzz_*.c; do basename "$file" .c | sed s/fuzz_//; done)

# What leaks in libraries, and is not ours.
LSAN_OPTIONS=suppressions=tests/lsan.supp:print_suppressions=0
ASAN_OPTIONS=allocator_may_return_null=1
export LSAN_OPTIONS ASAN_OPTIONS
ticks=$(getconf CLK_TCK) # of a second, in /proc
MOST_FINDS=20   # of a target; then it is left
MOST_SECONDS=10 # of the processor that an input may take; libFuzzer's are of the clock

# What a target starts from, and how long its inputs grow.
seeds() {
    case $1 in
    weights) find tests/fuzz/corpus tests/hostile tests/networks -type f \
        \( -name '*.safetensors' -o -name '*.pth' \) ;;
    checkpoint) find tests/fuzz/corpus -name '*.edits' ;;
    recipe) find tests/fuzz/corpus -name '*.json' -o -name '*.field' ;;
    log) find tests/fuzz/corpus -name '*.jsonl' ;;
    record) find tests/fuzz/corpus -name '*.record' ;;
    list) find tests/fuzz/corpus -name '*.list' ;;
    options) find tests/fuzz/corpus -name '*.words' ;;
    hdf5) find tests/fuzz/corpus tests/hostile tests/networks -name '*.h5' ;;
    image) find tests/images tests/fuzz/corpus -type f \
        \( -name '*.png' -o -name '*.jpg' -o -name '*.webp' -o -name '*.tif' \) ;;
    *) find tests/fuzz/corpus -type f ;;
    esac
}
longest() {
    case $1 in
    hdf5) echo 32768 ;;
    weights | image) echo 16384 ;;
    checkpoint) echo 256 ;;
    *) echo 4096 ;;
    esac
}

# Sets `now` to the processor seconds of what this shell (not one below it) has waited for.
measure() {
    times >"$at/.times"
    now=$(awk 'NR == 2 {
        for (i = 1; i <= 2; i++) {
            split($i, part, /[ms]/)
            sum += part[1] * 60 + part[2]
        }
        printf "%d", sum
    }' "$at/.times")
}
count() {
    find "$1" -type f -name "${2:-*}" | wc -l | tr -d ' '
}

# What took long while the machine was busy is tried alone, by the processor's time.
try_again() { # TARGET
    for file in "$at"/finds/timeout-* "$at"/finds/slow-unit-*; do
        [ ! -e "$file" ] || ! (ulimit -t $MOST_SECONDS && exec "$build/fuzz/$1" "$file") >/dev/null 2>&1 || rm -f "$file"
    done
}

# Waits for a program in the background, or ends it after so much of the processor's time, with that of
# the processes that it has started: on a busy machine a processor second is many of the clock.
watch() { # PID SECONDS
    while kill -0 "$1" 2>/dev/null; do
        used=$(awk -v ticks="$ticks" '{ printf "%d", ($14 + $15 + $16 + $17) / ticks }' "/proc/$1/stat" 2>/dev/null)
        [ "${used:-0}" -lt "$2" ] || kill "$1" 2>/dev/null
        sleep 1
    done
    wait "$1"
}

campaign() { # TARGET
    at=$folder/$1
    mkdir -p "$at/corpus" "$at/finds" || exit
    seeds "$1" | while read -r file; do
        [ -e "$at/corpus/$(basename "$file")" ] || cp "$file" "$at/corpus/"
    done
    : >"$at/log"
    common="-rss_limit_mb=2048 -timeout=$((12 * MOST_SECONDS)) -max_len=$(longest "$1")"
    measure
    start=$now
    spent=0
    # A find ends a run.
    while [ "$spent" -lt "$seconds" ] && [ "$(count "$at/finds")" -lt $MOST_FINDS ]; do
        # shellcheck disable=SC2086
        "$build/fuzz/$1" $common -print_final_stats=1 -artifact_prefix="$at/finds/" "$at/corpus" \
            >>"$at/log" 2>&1 &
        watch $! $((seconds - spent))
        try_again "$1"
        measure
        [ $((now - start)) -gt "$spent" ] || now=$((start + spent + 1))
        spent=$((now - start))
    done
    mkdir -p "$at/merged"
    # shellcheck disable=SC2086
    "$build/fuzz/$1" $common -merge=1 -artifact_prefix="$at/finds/" "$at/merged" "$at/corpus" \
        >"$at/merge.log" 2>&1 && rm -rf "$at/corpus" && mv "$at/merged" "$at/corpus"
    rm -rf "$at/merged" "$at/.times"
    try_again "$1"
    runs=$(awk '/^stat::number_of_executed_units/ { n += $2 } END { printf "%d", n }' "$at/log")
    crashes=$(($(count "$at/finds" 'crash-*') + $(count "$at/finds" 'oom-*') + $(count "$at/finds" 'leak-*')))
    printf '%-12s %10s %8s %8s %6s %7s\n' "$1" "$runs" "$spent" "$crashes" \
        "$(count "$at/finds" '[ts][il][mo]*-*')" "$(count "$at/corpus")"
    [ "$(count "$at/finds")" -eq 0 ] || {
        echo "$1: see $at/finds and $at/log" >&2
        failed=1
    }
}

for target; do
    [ -x "$build/fuzz/$target" ] || {
        echo "campaign.sh: $build/fuzz/$target is not there: make fuzz-programs" >&2
        exit 2
    }
done
failed=0
printf '%-12s %10s %8s %8s %6s %7s\n' target runs seconds crashes hangs corpus
for target; do
    campaign "$target"
done
exit $failed

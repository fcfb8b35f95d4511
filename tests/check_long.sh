#!/bin/sh
# What takes longer than `make check` may: each part by make, one after the other, whatever became of those
# before; then how long each took. Run by `make check-long`:
#     MAKE=make check_long.sh BUILD [PART...]
# What a part says is in BUILD/long/PART.log.
set -u
LC_ALL=C
export LC_ALL
MAKE=${MAKE:-make}
at=$1/long
shift
mkdir -p "$at" || exit
[ $# -gt 0 ] || set -- alloc io kill limits soak analyse race memcheck mutation fuzz

# What of make tries a part in full.
words() {
    case $1 in
    alloc | io) echo "$1-test STEP=1" ;;
    kill) echo 'kill-test KILLS=1000 SIGNALS=500' ;;
    limits) echo "limits-test LIMITS='8 16 24 32 48 64 96 128 160 256 512 1000'" ;;
    soak | race | memcheck) echo "$1-test" ;;
    fuzz) echo 'fuzz FUZZ_SECONDS=1800' ;;
    *) echo "$1" ;;
    esac
}

failed=0
: >"$at/sum"
for part; do
    start=$(date +%s)
    result=passed
    eval "$MAKE --no-print-directory $(words "$part")" >"$at/$part.log" 2>&1 || result=failed
    [ $result = passed ] || failed=$((failed + 1))
    printf '%-9s %s after %6d s: %s\n' "$part" $result $(($(date +%s) - start)) "$(tail -1 "$at/$part.log")" |
        tee -a "$at/sum"
done
echo "long tests: $(grep -c ' passed after' "$at/sum") passed, $failed failed; what they said is in $at"
[ "$failed" -eq 0 ]

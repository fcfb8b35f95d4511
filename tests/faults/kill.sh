#!/bin/sh
# Ends runs at moments spread over their lives, and looks what they leave.
#
#     STYLIZE=build/stylize KILLS=40 SIGNALS=24 sh tests/faults/kill.sh
#
# kill -9: OUT is what it was before, or the whole picture; the next run takes what was left of temporary
# files away; with a checkpoint `stylize resume` ends with the same picture. SIGINT, SIGTERM, SIGHUP:
# likewise, exit 0, 1 or 130 and never death by the signal, once the program's first line has run (before
# that, while its libraries are loaded, nobody can catch one; Linux tells by /proc when it has).
set -u
LC_ALL=C
export LC_ALL
kills=${KILLS:-40}
signals=${SIGNALS:-24}
here=$(cd "$(dirname "$0")" && pwd)
images=$(dirname "$here")/images
work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-kill.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
HOME=$work/home
export HOME
mkdir "$work/out"

paint() { # OPTION...: into out/out.png
    exec "$STYLIZE" --no-defaults -q -w "$here/../../weights/vgg19-slim.safetensors" -s 48 -n 40 --scales 1 \
        --threads 1 "$@" "$images/rgb.jpg" "$images/rgb8.png" "$work/out/out.png"
}

now() { date +%s%N | sed 's/......$//'; } # ms

# A moment of a run's life, in seconds, of number $1 of $2: from its start to a bit behind its end.
moment() {
    awk -v i="$1" -v n="$2" -v whole="$lasts" 'BEGIN { printf "%.3f", (i + 0.5) / n * whole * 1.1 / 1000 }'
}

wrong() {
    echo "kill: $*"
}

# What OUT may be: the whole picture, or what it was before.
check_out() { # NUMBER WHAT
    if [ ! -e "$work/out/out.png" ]; then
        [ $(($1 % 2)) -eq 0 ] || wrong "$2: the old picture is gone"
    elif ! cmp -s "$work/out/out.png" "$work/wanted.png" && ! cmp -s "$work/out/out.png" "$work/old.png"; then
        wrong "$2: half a picture"
    fi
}

# Before a run: none, or an old one; by numbers.
set_out() {
    rm -rf "$work/out"
    mkdir "$work/out"
    [ $(($1 % 2)) -eq 0 ] || cp "$work/old.png" "$work/out/out.png"
}

# Once more, to the end: the same picture, and nothing beside it.
check_again() { # WHAT FILES_ALLOWED OPTION...
    what=$1
    allowed=$2
    shift 2
    (paint "$@") || wrong "$what: the next run fails"
    cmp -s "$work/out/out.png" "$work/wanted.png" || wrong "$what: the next run makes another picture"
    left=$(find "$work/out" -mindepth 1 | grep -v -x -F -e "$work/out/out.png" -e "$allowed")
    [ -z "$left" ] || wrong "$what: is left: $left"
}

killed() { # NUMBER
    checkpoint=$work/out/run.checkpoint
    set_out "$1"
    if [ $(($1 % 4)) -lt 2 ]; then
        paint &
    else
        paint --checkpoint "$checkpoint,0" &
    fi 2>/dev/null
    id=$!
    sleep "$(moment "$1" "$kills")"
    kill -9 $id 2>/dev/null
    wait $id 2>/dev/null
    check_out "$1" "kill $1"
    [ $(($1 % 4)) -ge 2 ] && [ -e "$checkpoint" ] && {
        "$STYLIZE" resume -q "$checkpoint" 2>"$work/said" || wrong "kill $1: resume: $(cat "$work/said")"
        cmp -s "$work/out/out.png" "$work/wanted.png" || wrong "kill $1: resume makes another picture"
    }
    if [ $(($1 % 4)) -lt 2 ]; then
        check_again "kill $1" none
    else
        check_again "kill $1" "$checkpoint" --checkpoint "$checkpoint,0"
    fi
}

# Until the program has begun: its handlers are there.
wait_for_begin() {
    tries=0
    until grep -q '^SigCgt:.*[4-7c-f][0-9a-f][0-9a-f][0-9a-f]$' "/proc/$1/status" 2>/dev/null; do
        [ $((tries += 1)) -lt 1000 ] || return
    done
}

signalled() { # NUMBER
    set -- "$1" "$(echo INT TERM HUP | cut -d ' ' -f $(($1 % 3 + 1)))"
    set_out "$1"
    paint 2>"$work/said" &
    id=$!
    wait_for_begin $id
    sleep "$(moment "$1" "$signals")"
    kill "-$2" $id 2>/dev/null
    wait $id 2>/dev/null
    status=$?
    case $status in
    0) cmp -s "$work/out/out.png" "$work/wanted.png" || wrong "$2 $1: exit 0 and another picture" ;;
    130) "$STYLIZE" -q --no-metadata -n 0 -s 0 "$work/out/out.png" "$images/rgb8.png" "$work/copy.png" ||
        wrong "$2 $1: exit 130 and no whole picture" ;;
    1) check_out "$1" "$2 $1" ;;
    *) # What comes while the program already ends, after OUT is saved, has its ordinary effect.
        [ $status -gt 128 ] && cmp -s "$work/out/out.png" "$work/wanted.png" || wrong "$2 $1: exit $status" ;;
    esac
    [ "$(wc -l <"$work/said")" -le 1 ] || wrong "$2 $1: $(cat "$work/said")"
    find "$work/out" -name '*.tmp' | grep . && wrong "$2 $1: a temporary file is left"
}

(paint) || exit 1
start=$(now)
mv "$work/out/out.png" "$work/wanted.png"
(paint)
lasts=$(($(now) - start))
"$STYLIZE" -q --no-metadata -n 0 -s 0 "$images/rgb.jpg" "$images/rgb8.png" "$work/old.png"
i=0
while [ $i -lt "$kills" ]; do
    killed $i
    i=$((i + 1))
done >"$work/wrong"
i=0
[ -r /proc/self/status ] || signals=0
while [ $i -lt "$signals" ]; do
    signalled $i
    i=$((i + 1))
done >>"$work/wrong"
cat "$work/wrong"
failed=$(wc -l <"$work/wrong")
echo "kill tests: $((kills + signals - failed)) passed, $((failed)) failed"
[ "$failed" -eq 0 ]

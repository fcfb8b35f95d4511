#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Paints every photograph of a folder in the manner of one picture:
#
#     sh folder.sh STYLE PHOTOS OUT [OPTION]...
#
# OUT/NAME becomes the painted PHOTOS/NAME, for every NAME that ends in .jpg, .jpeg or .png. What is in
# OUT already is skipped, so the same line goes on after Ctrl-C or finds new photographs. A photograph
# that fails is named at the end, and the others are painted all the same. Options are those of
# stylize, such as -s 1024. Exit status: 0 all done, 1 a photograph failed, 2 wrong usage, 130 stopped
# by Ctrl-C. STYLIZE names the program where it is not found by itself.
set -u
unset CDPATH

say() {
    printf 'folder.sh: %s\n' "$*" >&2
}

[ $# -ge 3 ] || {
    say 'usage: folder.sh STYLE PHOTOS OUT [OPTION]...'
    exit 2
}
style=$1
photos=$2
out=$3
shift 3

built=$(dirname "$0")/../build/stylize
[ -n "${STYLIZE:-}" ] || if [ -x "$built" ]; then STYLIZE=$built; else STYLIZE=stylize; fi
# Mistakes in the options are found once, not at every photograph.
"$STYLIZE" "$@" --version >/dev/null || exit 2
[ -f "$style" ] || {
    say "$style: no such picture"
    exit 2
}
[ -d "$photos" ] || {
    say "$photos: no such folder"
    exit 2
}
mkdir -p -- "$out" || exit 1
[ "$(cd -- "$photos" && pwd -P)" != "$(cd -- "$out" && pwd -P)" ] || {
    say "$out: give the results a folder of their own"
    exit 2
}

stopped=
trap 'stopped=yes' HUP INT TERM
done=0
skipped=0
failed=0
failures=
for photo in "$photos"/*; do
    [ -z "$stopped" ] || break
    name=${photo##*/}
    case $name in
    *.[jJ][pP][gG] | *.[jJ][pP][eE][gG] | *.[pP][nN][gG]) ;;
    *) continue ;;
    esac
    if [ -e "$out/$name" ]; then
        skipped=$((skipped + 1))
        continue
    fi
    say "$name"
    # A name of its own until it is done: a picture that was interrupted does not count.
    unfinished=$out/.unfinished-$$.${name##*.}
    "$STYLIZE" "$@" -- "$photo" "$style" "$unfinished"
    status=$?
    [ $status -ne 130 ] || stopped=yes
    if [ -n "$stopped" ]; then
        rm -f -- "$unfinished"
        say "$name was not finished and is not kept"
        break
    elif [ $status -eq 0 ] && mv -- "$unfinished" "$out/$name"; then
        done=$((done + 1))
    else
        failed=$((failed + 1))
        failures="$failures
    $name"
    fi
done

say "$done done, $skipped skipped as they were there, $failed failed${stopped:+, stopped}$failures"
[ -z "$stopped" ] || exit 130
[ $failed -eq 0 ]

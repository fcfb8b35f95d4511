#!/bin/sh
# Runs the program as its users do. Each case is cases/NAME.sh, run by sh in an empty folder that holds
# content.png (48x38) and style.png (48x32), beside what is expected of it: NAME.exit (0 where
# there is none), NAME.stdout and NAME.stderr (empty where there is none). A line there that
# starts with ~ is an extended regular expression for the whole line. A case that cannot be tried here
# says why and exits with 77; it counts as skipped.
#
#     STYLIZE=build/stylize CONVERT=build/stylize-convert JUDGE=build/stylize-judge \
#         sh tests/cli/run.sh [NAME...]
#
# Programs that are watched are slow: a case may take CASE_SECONDS. What is found of them, in files in
# the folder FINDINGS, fails the case; the thread sanitizer writes there by itself.
#
# Cases see $STYLIZE, $CONVERT, $JUDGE, $ROOT (of the project) and $TESTS.
set -u
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
TESTS=$(dirname "$here")
ROOT=$(dirname "$TESTS")
STYLIZE=${STYLIZE:-$ROOT/build/stylize}
CONVERT=${CONVERT:-$(dirname "$STYLIZE")/stylize-convert}
JUDGE=${JUDGE:-$(dirname "$STYLIZE")/stylize-judge}
export STYLIZE CONVERT JUDGE TESTS ROOT
unset XDG_DATA_HOME XDG_CONFIG_HOME
# Threads that wait for each other on a busy machine leave it to the others.
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY
# What the leak sanitizer finds that is not ours.
LSAN_OPTIONS=${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$TESTS/lsan.supp:print_suppressions=0
export LSAN_OPTIONS
CASE_SECONDS=${CASE_SECONDS:-120}

work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-cli.XXXXXX") || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
HOME=$work/home
export HOME
FINDINGS=$work/findings
TSAN_OPTIONS=${TSAN_OPTIONS:+$TSAN_OPTIONS:}log_path=$FINDINGS/thread
export FINDINGS TSAN_OPTIONS
mkdir -m 1777 "$FINDINGS" # cases may run programs as other users
# A program built elsewhere has neither weights nor examples beside it.
mkdir -p "$HOME/.local/share/stylize" "$HOME/.local/share/doc/stylize"
ln -s "$ROOT/weights/vgg16.safetensors" "$ROOT/weights/vgg19-slim.safetensors" "$HOME/.local/share/stylize/"
ln -s "$ROOT/examples" "$HOME/.local/share/doc/stylize/"

# Small pictures, made by the program itself.
if ! "$STYLIZE" --no-metadata -q -n 0 -s 48 "$ROOT/examples/style-storm.jpg" "$TESTS/images/rgb.jpg" "$work/all.png" ||
    ! "$STYLIZE" --no-metadata -q -n 0 -s 0 "$TESTS/images/rgb.jpg" "$TESTS/images/rgb.jpg" "$work/style.png"; then
    echo "cli: $STYLIZE cannot make the test pictures"
    exit 1
fi

# matches EXPECTED FOUND: whether every line is as expected.
matches() {
    awk -v found="$2" '
        { want[++wants] = $0 }
        END {
            while ((getline line < found) > 0)
                got[++gots] = line
            if (wants != gots)
                exit 1
            for (i = 1; i <= wants; i++) {
                if (substr(want[i], 1, 1) == "~") {
                    if (got[i] !~ "^(" substr(want[i], 2) ")$")
                        exit 1
                } else if (got[i] != want[i]) {
                    exit 1
                }
            }
        }' "$1"
}

# clean NAME: whether nothing was found of programs that are watched; prints it.
clean() {
    found=$(grep -rl '^==' "$FINDINGS") # the log may receive what is printed on a closed stream
    [ -z "$found" ] || {
        echo "cli: $1: found by what watches it:"
        # shellcheck disable=SC2086
        cat $found | head -100
    }
    rm -f "$FINDINGS"/*
    [ -z "$found" ]
}

# check NAME: runs one case; prints what differs.
check() {
    folder=$work/$1
    expected=$here/cases/$1
    mkdir "$folder"
    cp "$work/all.png" "$folder/content.png"
    cp "$work/style.png" "$folder/style.png"
    want=0
    [ ! -f "$expected.exit" ] || want=$(cat "$expected.exit")
    (cd "$folder" && timeout "$CASE_SECONDS" sh "$expected.sh" >"$folder.stdout" 2>"$folder.stderr" </dev/null)
    status=$?
    [ "$status" -ne 77 ] || {
        rm -f "$FINDINGS"/*
        skipped=$((skipped + 1))
        echo "cli: $1 skipped: $(cat "$folder.stdout")"
        return 0
    }
    good=true
    [ "$status" -eq "$want" ] || {
        good=false
        echo "cli: $1: exit $status, expected $want"
    }
    for stream in stdout stderr; do
        file=$expected.$stream
        [ -f "$file" ] || file=/dev/null
        matches "$file" "$folder.$stream" || {
            good=false
            echo "cli: $1: $stream differs (expected <, found >)"
            diff "$file" "$folder.$stream" | cut -c 1-160 | head -20
        }
    done
    left=$(find "$folder" -name '.*.tmp')
    [ -z "$left" ] || {
        good=false
        echo "cli: $1: left behind: $left"
    }
    clean "$1" && $good
}

passed=0
failed=0
skipped=0
[ $# -gt 0 ] || set -- "$here"/cases/*.sh
for case in "$@"; do
    name=$(basename "$case" .sh)
    if check "$name"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
passed=$((passed - skipped))
echo "command line tests: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

#!/bin/sh
# The cases of run.sh with programs that are watched, and many times as slow for it. So networks of few
# channels stand in for those that are bundled, but where that would show, and a case may take its time.
#     watched.sh BUILD WATCHER [NAME...]
# WATCHER runs a program, given behind it; it is empty where the programs of BUILD watch themselves.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
build=$(cd "$1" && pwd) || exit 1
watcher=$2
shift 2
# Cases that tell how many channels the bundled networks have, what comes of them, or their digests.
knowing=' light-network record regions stages-live-line units units-refused units-verbose verbose '

# stage FOLDER PREFIX: the programs, and beside their folder networks, whose files are named so.
stage() {
    rm -rf "$1"
    mkdir -p "$1/programs" "$1/weights" "$1/bin" || exit 1
    for network in vgg16 vgg19-slim; do
        cp "$2$network.safetensors" "$1/weights/$network.safetensors" || exit 1
    done
    for program in stylize stylize-convert stylize-judge; do
        [ -e "$build/$program" ] || continue
        cp "$build/$program" "$1/programs/"
        if [ "$watcher" ]; then
            printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$watcher" "$1/programs/$program" >"$1/bin/$program"
            chmod +x "$1/bin/$program"
        else
            ln -s "../programs/$program" "$1/bin/"
        fi
    done
}

# try FOLDER NAME...: the cases, by the programs of that folder.
try() {
    bin=$1/bin
    shift
    STYLIZE=$bin/stylize CONVERT=$bin/stylize-convert JUDGE=$bin/stylize-judge \
        CASE_SECONDS=${CASE_SECONDS:-1800} sh "$here/run.sh" "$@"
}

narrow=
bundled=
[ $# -gt 0 ] || set -- "$here"/cases/*.sh
for case; do
    name=$(basename "$case" .sh)
    case $knowing in
    *" $name "*) bundled="$bundled $name" ;;
    *) narrow="$narrow $name" ;;
    esac
done
status=0
# shellcheck disable=SC2086
[ -z "$narrow" ] || {
    stage "$build/watched" "$root/tests/networks/narrow-"
    try "$build/watched" $narrow || status=1
}
# shellcheck disable=SC2086
[ -z "$bundled" ] || {
    stage "$build/watched-bundled" "$root/weights/"
    try "$build/watched-bundled" $bundled || status=1
}
exit $status

#!/bin/sh
# Tests weights/fetch against a server on this machine that serves well and badly.
#
#     STYLIZE_CONVERT=build/stylize-convert sh tests/fetch/run.sh SERVER WEIGHTS
#
# SERVER is the program made of server.c; WEIGHTS a weights file that the converter takes.
set -u
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
fetch=$here/../../weights/fetch
server=$1
weights=$2
STYLIZE_FETCH_PATIENCE=2
STYLIZE_FETCH_PAUSE=0
export STYLIZE_FETCH_PATIENCE STYLIZE_FETCH_PAUSE

work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-fetch.XXXXXX") || exit 1
served=""
trap '[ -z "$served" ] || kill $served 2>/dev/null; rm -rf "$work"' EXIT
passed=0
failed=0

# serve: starts the server; its port is in $port, its requests come into $work/requests.
serve() {
    : >"$work/requests"
    "$server" "$weights" >"$work/requests" &
    served=$!
    tries=0
    until [ -s "$work/requests" ] || [ $tries = 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    port=$(head -n 1 "$work/requests")
}

# begin NAME: a fresh folder, a fresh server.
begin() {
    name=$1
    wrong=""
    dir=$work/data
    rm -rf "$dir"
    [ -z "$served" ] || kill $served 2>/dev/null
    serve
    : >"$work/sources"
}
# source_at HASH PATH: adds a source.
source_at() {
    echo "vgg19 $1 http://127.0.0.1:$port$2" >>"$work/sources"
}
# run EXPECTED-STATUS [OPTION...]
run() {
    expected=$1
    shift
    sh "$fetch" --dir "$dir" --sources "$work/sources" "$@" vgg19 >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ $status = "$expected" ] || wrong="$wrong; exit $status, expected $expected"
}
# said PATTERN, not_said PATTERN: whether a line of its messages has it.
said() {
    grep -q -e "$1" "$work/err" || wrong="$wrong; did not say '$1'"
}
requested() {
    grep -q -e "$1" "$work/requests" || wrong="$wrong; was not asked '$1'"
}
placed() {
    [ -f "$dir/vgg19.safetensors" ] || wrong="$wrong; nothing in place"
    [ -z "$(find "$dir" -name '.*' -type f)" ] || wrong="$wrong; left $(ls -A "$dir")"
}
nothing_placed() {
    [ ! -e "$dir/vgg19.safetensors" ] || wrong="$wrong; put something in place"
}
# Only a part to go on from may be left behind.
only_parts() {
    [ -z "$(find "$dir" -type f ! -name '.*.part')" ] || wrong="$wrong; left $(ls -A "$dir")"
}
end() {
    if [ -z "$wrong" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "fetch: $name${wrong}"
        sed 's/^/    /' "$work/err"
    fi
}

md5=md5:$(md5sum <"$weights" | cut -d' ' -f1)
sha=sha256:$(sha256sum <"$weights" | cut -d' ' -f1)
first8=sha256-starts:$(echo "${sha#sha256:}" | cut -c1-8)

for hash in "$md5" "$sha" "$first8"; do
    begin "a good source, ${hash%%:*}"
    source_at "$hash" /whole/a.bin
    run 0 -q
    placed
    [ ! -s "$work/err" ] || wrong="$wrong; not quiet"
    end
done

begin "what is there is not fetched again"
source_at "$md5" /whole/a.bin
run 0
run 0
said 'is there; --force'
[ "$(grep -c /whole/ "$work/requests")" = 1 ] || wrong="$wrong; asked twice"
run 0 --force
[ "$(grep -c /whole/ "$work/requests")" = 2 ] || wrong="$wrong; --force did not ask again"
end

# What depends on the client runs with each that is here; without curl in sight the script takes wget.
clients() {
    begin "a missing file with $1"
    source_at "$md5" /missing/a.bin
    run 1
    said '404'
    only_parts
    end

    begin "a download that breaks off goes on where it stopped, with $1"
    source_at "$md5" /cut/a.bin
    source_at "$md5" /whole/a.bin
    run 0
    placed
    requested '/whole/a.bin from [1-9]'
    end

    begin "an interrupted download goes on with the next command, with $1"
    source_at "$md5" /cut/a.bin
    run 1
    nothing_placed
    only_parts
    : >"$work/sources"
    source_at "$md5" /whole/a.bin
    run 0
    said 'going on with'
    requested '/whole/a.bin from [1-9]'
    placed
    end

    begin "a server that cannot go on in the middle, with $1"
    source_at "$md5" /restart/a.bin
    run 0
    placed
    end
}
! command -v curl >/dev/null || clients curl
if command -v wget >/dev/null; then
    mkdir "$work/bin"
    for tool in sh wget md5sum sha256sum cut grep sed mktemp mkdir rm mv cp sleep tail dirname sort tr cat head find ls; do
        ln -s "$(command -v $tool)" "$work/bin/"
    done
    with_curl=$PATH
    PATH=$work/bin clients wget
    PATH=$with_curl
fi

begin "a missing file: the next source"
source_at "$md5" /missing/a.bin
source_at "$md5" /whole/b.bin
run 0
said '404'
placed
end

begin "a wrong hash: the next source"
source_at "$md5" /changed/a.bin
source_at "$md5" /whole/a.bin
run 0
said 'not the published file'
placed
end

begin "a truncated file that looks whole is never used"
source_at "$md5" /short/a.bin
run 1
said 'not the published file'
said 'no source gave vgg19'
nothing_placed
only_parts
end

begin "a part of something else does not spoil the download"
mkdir -p "$dir"
source_at "$md5" /whole/a.bin
head -c 100 /dev/zero >"$dir/.a.bin.part"
run 0
placed
end

begin "a part that is too long does not either"
mkdir -p "$dir"
source_at "$md5" /whole/a.bin
cat "$weights" "$weights" >"$dir/.a.bin.part"
run 0
placed
end

begin "a slow server is left for the next source"
source_at "$md5" /slow/a.bin
source_at "$md5" /whole/b.bin
run 0
placed
end

begin "no server"
source_at "$md5" /whole/a.bin
kill $served
wait $served 2>/dev/null
served=""
run 1
said 'no source gave vgg19'
nothing_placed
end

begin "a file of one's own"
source_at "$md5" /whole/a.bin
run 0 --from "$weights"
placed
[ "$(wc -l <"$work/requests")" = 1 ] || wrong="$wrong; asked the server"
cp "$weights" "$work/other"
echo >>"$work/other"
run 1 --force --from "$work/other"
said 'not one of the published files'
end

begin "a file with the right hash that is no network"
echo nonsense >"$work/nonsense"
source_at "md5:$(md5sum <"$work/nonsense" | cut -d' ' -f1)" /whole/a.bin
run 1 --from "$work/nonsense"
said 'conversion failed'
nothing_placed
only_parts
end

begin "a folder that cannot be made"
source_at "$md5" /whole/a.bin
dir=$work/requests/data
run 1
said 'cannot write into'
end

echo "$passed passed, $failed failed"
[ $failed = 0 ]

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Tries weights/fetch, with the real converter and tiny networks, against a server on this machine that serves
# well and badly. What depends on the client is tried with curl and with wget.
#
#     STYLIZE=build/stylize CONVERT=build/stylize-convert sh tests/fetch/run.sh SERVER      (make fetch-test)
#
# SERVER is the program made of server.c.
set -u
LC_ALL=C
export LC_ALL
server=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
fetch=$root/weights/fetch
h5=$root/tests/networks/keras-notop.h5
pth=$root/tests/networks/zip.pth
STYLIZE_CONVERT=$CONVERT
STYLIZE_FETCH_TRIES=2
STYLIZE_FETCH_PATIENCE=1
STYLIZE_FETCH_PAUSE=0
OMP_WAIT_POLICY=passive
export STYLIZE_CONVERT STYLIZE_FETCH_TRIES STYLIZE_FETCH_PATIENCE STYLIZE_FETCH_PAUSE OMP_WAIT_POLICY
unset XDG_DATA_HOME XDG_CONFIG_HOME
http_proxy='' no_proxy='127.0.0.1'
export http_proxy no_proxy

work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-fetch.XXXXXX") || exit 1
served=''
trap '[ -z "$served" ] || kill $served 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0
skipped=0
if ! command -v curl >/dev/null && ! command -v wget >/dev/null; then
    echo "fetch: all skipped: neither curl nor wget is here"
    skipped=1
fi

# One small picture is enough to rescale by.
mkdir "$work/pictures"
cp "$root/tests/images/rgb.jpg" "$work/pictures"

# ---- steps of a test ----

# begin NAME [FILE]: with a fresh folder, and a fresh server of FILE, whose port is then in $port and whose
# requests come into $work/requests.
begin() {
    name=$1
    file=${2:-$h5}
    wrong=''
    dir=$work/data
    rm -rf "$dir" "$work/requests"
    : >"$work/sources"
    [ -z "$served" ] || kill $served 2>/dev/null
    "$server" "$file" >"$work/requests" &
    served=$!
    waits=0
    until [ -s "$work/requests" ] || [ $waits = 200 ]; do
        sleep 0.05
        waits=$((waits + 1))
    done
    port=$(head -n 1 "$work/requests")
    [ "$port" ] || {
        echo "fetch: $server does not serve $file"
        exit 1
    }
    md5=md5:$(md5sum <"$file" | cut -d' ' -f1)
    sha256=$(sha256sum <"$file" | cut -d' ' -f1)
}
# source_at HASH PATH: adds a source.
source_at() {
    echo "vgg19  $1  http://127.0.0.1:$port$2" >>"$work/sources"
}
# run EXPECTED-STATUS [OPTION...]
run() {
    expected=$1
    shift
    sh "$fetch" --dir "$dir" --sources "$work/sources" --pictures "$work/pictures" "$@" vgg19 \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ $status = "$expected" ] || wrong="$wrong; exit $status, expected $expected"
    [ ! -s "$work/out" ] || wrong="$wrong; wrote to stdout"
}
# said PATTERN: whether a line of its messages has it; requested PATTERN: one of the requests.
said() {
    grep -q -e "$1" "$work/err" || wrong="$wrong; did not say '$1'"
}
requested() {
    grep -q -e "$1" "$work/requests" || wrong="$wrong; was not asked '$1'"
}
# placed [PATH]: what conversion of the file gives, said to come from there; and nothing else.
placed() {
    "$CONVERT" --quiet --pictures "$work/pictures" --source "http://127.0.0.1:$port${1:-/whole/a.bin}" \
        "$file" "$work/expected.safetensors" && cmp "$work/expected.safetensors" "$dir/vgg19.safetensors" ||
        wrong="$wrong; not in place what the file gives"
    [ "$(ls -A "$dir")" = vgg19.safetensors ] || wrong="$wrong; left $(ls -A "$dir")"
}
# nothing_placed: only a part to go on from may be left behind.
nothing_placed() {
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

# ---- with either client ----

try_client() {
    for network in "$h5" "$pth"; do
        begin "${network##*/} with $1" "$network"
        source_at "$md5" /whole/a.bin
        run 0 --quiet
        placed
        [ ! -s "$work/err" ] || wrong="$wrong; not quiet"
        end
    done

    begin "a missing file with $1: the next source"
    source_at "$md5" /missing/b.bin
    source_at "$md5" /whole/a.bin
    run 0
    said 404
    placed
    end

    begin "a missing file with $1, and no more"
    source_at "$md5" /missing/a.bin
    run 1
    said 404
    said 'no source gave vgg19: .*--from'
    nothing_placed
    end

    begin "a busy server with $1 is asked again"
    source_at "$md5" /busy/a.bin
    run 0
    said 503
    placed /busy/a.bin
    end

    begin "a wrong hash with $1: the next source"
    source_at "$md5" /changed/b.bin
    source_at "$md5" /whole/a.bin
    run 0
    said 'not the published file'
    placed
    end

    begin "a truncated file that looks whole, with $1, is never used"
    source_at "$md5" /short/a.bin
    run 1
    said 'not the published file'
    nothing_placed
    end

    begin "a download that breaks off goes on where it stopped, with $1"
    source_at "$md5" /cut/a.bin
    source_at "$md5" /whole/a.bin
    run 0
    requested '/whole/a.bin from [1-9]'
    placed
    end

    begin "an interrupted download goes on with the next command, with $1" "$pth"
    source_at "$md5" /cut/a.bin
    run 1
    nothing_placed
    : >"$work/sources"
    source_at "$md5" /whole/a.bin
    run 0
    said 'resuming'
    requested '/whole/a.bin from [1-9]'
    placed
    end

    begin "a server that cannot go on in the middle, with $1"
    source_at "$md5" /restart/a.bin
    run 0
    placed /restart/a.bin
    end

    begin "a slow server with $1 is left for the next source"
    source_at "$md5" /slow/b.bin
    source_at "$md5" /whole/a.bin
    run 0
    placed
    end

    begin "a part that is too long does not spoil the download with $1"
    source_at "$md5" /whole/a.bin
    mkdir "$dir"
    cat "$h5" "$h5" >"$dir/.a.bin.part"
    run 0
    placed
    end

    begin "a full disk with $1"
    source_at "$md5" /whole/a.bin
    source_at "$md5" /whole/b.bin
    trap '' XFSZ
    (ulimit -f 8 && run 1 && echo "$wrong" >"$work/wrong")
    trap - XFSZ
    wrong=$(cat "$work/wrong")
    said 'cannot be written'
    nothing_placed
    run 0
    placed
    end

    begin "no server for $1"
    source_at "$md5" /whole/a.bin
    kill $served
    wait $served 2>/dev/null
    served=''
    run 1
    said 'no source gave vgg19'
    nothing_placed
    end
}

# ---- whatever the client ----

try_script() {
    for hash in "sha256:" "sha256-starts:"; do
        begin "a hash by $hash"
        [ $hash = sha256: ] || sha256=$(echo "$sha256" | cut -c1-8)
        source_at "$hash$sha256" /whole/a.bin
        run 0
        placed
        end
        begin "a wrong hash by $hash"
        [ $hash = sha256: ] || sha256=$(echo "$sha256" | cut -c1-8)
        source_at "$hash$(echo "$sha256" | tr 0-9a-f 1-9a-f0)" /whole/a.bin
        run 1
        said 'not the published file'
        nothing_placed
        end
    done

    begin "what is there is not fetched again"
    source_at "$md5" /whole/a.bin
    run 0
    run 0
    said 'is already there; --force'
    [ "$(grep -c /whole/ "$work/requests")" = 1 ] || wrong="$wrong; asked twice"
    run 0 --force
    [ "$(grep -c /whole/ "$work/requests")" = 2 ] || wrong="$wrong; --force did not ask again"
    echo broken >"$dir/vgg19.safetensors"
    run 0
    placed
    end

    begin "what is there stays where nothing better comes"
    source_at "$md5" /short/a.bin
    mkdir "$dir"
    echo mine >"$dir/vgg19.safetensors"
    run 1 --force
    [ "$(cat "$dir/vgg19.safetensors")" = mine ] || wrong="$wrong; it is gone"
    end

    begin "a part of something else does not spoil the download"
    source_at "$md5" /whole/a.bin
    mkdir "$dir"
    head -c 100 /dev/zero >"$dir/.a.bin.part"
    run 0
    placed
    end

    begin "a file of one's own"
    source_at "md5:$(md5sum </dev/null | cut -d' ' -f1)" /whole/b.bin
    source_at "$md5" /whole/a.bin
    run 0 --from "$h5"
    placed
    [ "$(wc -l <"$work/requests")" = 1 ] || wrong="$wrong; asked the server"
    cp "$h5" "$work/other"
    echo >>"$work/other"
    run 1 --from "$work/other"
    said 'not one of the published files'
    run 1 --force --from "$work/nowhere"
    said 'nowhere: cannot be read'
    placed
    end

    begin "a list whose last line does not end"
    printf 'vgg19 %s http://127.0.0.1:%s/whole/a.bin' "$md5" "$port" >"$work/sources"
    run 0
    placed
    end

    begin "a file with the right hash that is no network" "$root/tests/images/rgb.jpg"
    source_at "$md5" /whole/a.bin
    run 1
    said 'conversion failed'
    nothing_placed
    end

    begin "a folder that cannot be made"
    source_at "$md5" /whole/a.bin
    dir=$work/requests/data
    run 1
    said 'cannot write into'
    end

    begin "wrong usage"
    source_at "$md5" /whole/a.bin
    for options in --what --dir= 'vgg16' '../x' '--from x vgg19'; do
        # shellcheck disable=SC2086
        run 2 $options
        [ "$(wc -l <"$work/err")" = 1 ] || wrong="$wrong; more than a line for $options"
    done
    run 2 --dir
    end

    begin "where stylize finds it"
    source_at "$md5" /whole/a.bin
    HOME=$work/home sh "$fetch" --sources "$work/sources" --pictures "$work/pictures" vgg19 2>"$work/err"
    said 'is ready: stylize -w vgg19$'
    picture=$work/pictures/rgb.jpg
    HOME=$work/home "$STYLIZE" -q -n 1 -s 32 -w vgg19 --content-layers relu1_1 --style-layers relu2_1 \
        "$picture" "$picture" "$work/out.png" && [ -s "$work/out.png" ] || wrong="$wrong; stylize does not use it"
    end

    # A source of its own, whose make only copies.
    begin "a converter that is not built is built first"
    source_at "$md5" /whole/a.bin
    mkdir -p "$work/project/weights/convert"
    cp "$fetch" "$work/project/weights/"
    printf 'convert:\n\t@mkdir -p build; cp "%s" build/\n' "$CONVERT" >"$work/project/Makefile"
    in_project=$work/project/weights/fetch
    (unset STYLIZE_CONVERT && fetch=$in_project && run 0 && echo "$wrong" >"$work/wrong")
    wrong=$(cat "$work/wrong")
    said 'make convert'
    placed
    printf 'convert:\n\t@false\n' >"$work/project/Makefile"
    rm "$work/project/build/stylize-convert"
    (unset STYLIZE_CONVERT && fetch=$in_project && run 1 && echo "$wrong" >"$work/wrong")
    wrong=$(cat "$work/wrong")
    said 'could not be built: .*make convert'
    end
}

# A PATH without curl, where the script takes wget.
hide_curl() {
    mkdir "$work/bin"
    for folder in /bin /usr/bin /usr/local/bin; do
        for tool in sh wget md5sum sha256sum cut grep sed mktemp mkdir rm mv cp cmp sleep tail dirname readlink \
            sort tr cat head find ls wc; do
            [ ! -x "$folder/$tool" ] || ln -sf "$folder/$tool" "$work/bin/"
        done
    done
    PATH=$work/bin
}

if [ $skipped = 0 ]; then
    try_script
    ! command -v curl >/dev/null || try_client curl
    if command -v wget >/dev/null; then
        hide_curl
        try_client wget
    fi
fi
echo "fetch tests: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $((passed + skipped)) -gt 0 ]

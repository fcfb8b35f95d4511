#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The time of stylize batch against that of as many single runs, in turn:
#
#     sh tests/bench/batch.sh ROUNDS 'CONTENTS' 'STYLES' [OPTION]...
#
# CONTENTS and STYLES are patterns of pictures. In each round all pairs are painted by single runs, one
# after the other, and by one batch; what it prints are seconds and their ratio, and whether the
# pictures are the same bytes.
set -u
rounds=$1
contents=$2
styles=$3
shift 3
program=${STYLIZE:-$(dirname "$0")/../../build/stylize}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

now() {
    date +%s.%N
}

base() {
    name=${1##*/}
    echo "${name%.*}"
}

round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    rm -rf "$folder/batch" "$folder/single"
    mkdir "$folder/single"
    start=$(now)
    for content in $contents; do
        for style in $styles; do
            "$program" -q "$@" "$content" "$style" \
                "$folder/single/$(base "$content")-$(base "$style").png" || exit 1
        done
    done
    middle=$(now)
    "$program" batch -q "$@" --contents "$contents" --styles "$styles" \
        --out "$folder/batch/{content}-{style}.png" || exit 1
    end=$(now)
    same=same
    diff -r "$folder/single" "$folder/batch" >/dev/null || same=different
    echo "$start $middle $end $same" |
        awk '{printf "single %.2f s, batch %.2f s, ratio %.3f, %s\n", $2 - $1, $3 - $2, ($3 - $2) / ($2 - $1), $4}'
done

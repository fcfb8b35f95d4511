#!/bin/sh
# What analysers find in the code: gcc -fanalyzer, cppcheck and clang-tidy (.clang-tidy says which checks
# of it are off, and why). Prints each finding that is not explained beside its line, and the sum. Run by
# `make analyse`:
#     run.sh BUILD FILE...
# A finding is explained by a comment "analysed: REASON" on its line or the one before. By the environment
# comes ANALYSED_CFLAGS.
set -u
LC_ALL=C
export LC_ALL
at=$1/analysed
shift
rm -rf "$at"
mkdir -p "$at" || exit
for tool in gcc cppcheck clang-tidy; do
    command -v $tool >/dev/null || {
        echo "make analyse: $tool is missing: apt-get install $tool" >&2
        exit 1
    }
done
jobs=$(nproc 2>/dev/null || echo 1)
# All instructions, so that every set of kernels is compiled by the same line.
flags="-std=c11 -Isrc -Iweights -fopenmp -DSTYLIZE_DATA=\"data\" $ANALYSED_CFLAGS"
case $(gcc -dumpmachine) in
x86_64-*) flags="$flags -mavx2 -mfma -mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx512bf16" ;;
esac

# each FOLDER COMMAND... : the command for each file, as many at once as there are processors; what it says
# goes into a file of the folder.
each() {
    folder=$at/$1
    shift
    mkdir -p "$folder"
    # shellcheck disable=SC2016
    printf '%s\n' "$files" | xargs -P "$jobs" -I {} sh -c \
        'folder=$1 file=$2; shift 2; "$@" >"$folder/$(echo "$file" | tr / _)" 2>&1' \
        sh "$folder" {} "$@"
    cat "$folder"/* >"$folder.said"
}

files=$(printf '%s\n' "$@")
# gcc takes the vectors of its own extension for numbers of a few bits: no count of a shift fits these.
# shellcheck disable=SC2086
each gcc gcc $flags -O1 -fanalyzer -Wno-analyzer-shift-count-overflow -fno-diagnostics-show-caret -c -o /dev/null {}
# shellcheck disable=SC2086
cppcheck -q -j "$jobs" --std=c11 --enable=warning,performance,portability --suppress=missingIncludeSystem -Isrc -Iweights \
    --library=tests/analysers/jansson.cfg \
    -DSTYLIZE_DATA='"data"' "$@" >"$at/cppcheck.said" 2>&1
# shellcheck disable=SC2086
each clang-tidy clang-tidy --quiet {} -- $flags

# A file that could not be read has not been analysed.
failed=0
for tool in gcc cppcheck clang-tidy; do
    sed "s,^$(pwd)/,," "$at/$tool.said" | awk -v tool=$tool '
        function explained(file, line,    text, i, before) {
            for (i = 1; i <= line && (getline text < file) > 0; i++) {
                if (i >= line - 1 && text ~ /analysed: /) before = 1
            }
            close(file)
            return before
        }
        match($0, /^[^ :]+:[0-9]+:[0-9]+: (fatal error|error|warning|performance|portability|style): /) && !seen[$0]++ {
            split($0, part, ":")
            if (explained(part[1], part[2] + 0)) {
                known++
                next
            }
            print "  " $0
            open++
        }
        END {
            printf "%s: %d findings, %d of them explained\n", tool, open + known, known
            exit open > 0
        }' || failed=1
done
exit $failed

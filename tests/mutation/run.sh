#!/bin/sh
# Do the unit tests notice when the code is wrong? Makes mutants (mutants.awk), one change each, builds
# each with what else there is of an unchanged build, and runs the tests of its module with a limit of
# time, then those of other modules of its floor. Prints each
# that survived, and the sum; fails where fewer than 95 of 100 were killed, or one that survived is not in
# tests/mutation/survivors, which says why no test can tell it from the code. Run by `make mutation`:
#     run.sh BUILD SEED COUNT
# The list is read by a descriptor that make and its jobs have no use for.
# What is known is kept in BUILD/mutation/results, from where the next run goes on. By the
# environment come MUTANT_MAKE, MUTANT_COMPILE (the compiler with its flags), MUTANT_LINK, MUTANT_OBJECTS
# (linked beside the mutant) and MUTANT_LIBRARIES; and MUTANT_WORKERS, how many to try at once.
# Words of a result: killed (by which test), survived, same (the compiler made the same code of it: it
# does not count), unbuilt.
set -u
LC_ALL=C
# Blocks that are written behind their end, and read after or before their time, are noticed (glibc).
MALLOC_CHECK_=3
MALLOC_PERTURB_=165
debug=$(ldconfig -p 2>/dev/null | sed -n 's/.*libc_malloc_debug.so.0 .*=> //p' | head -1)
export LC_ALL MALLOC_CHECK_ MALLOC_PERTURB_ OMP_WAIT_POLICY=passive
build=$1
at=$build/mutation
results=$at/results
tab=$(printf '\t')
FLOOR=95 # of 100 that are to be killed
mkdir -p "$at/base" || exit
awk -v seed="$2" -v count="$3" -f tests/mutation/mutants.awk src/cost/*.c src/optimize/*.c src/transfer/*.c \
    >"$at/mutants" || exit
touch "$results"

# The tests of a file: those of its name, and those that tests/mutation/tests adds.
tests_of() { # MODULE
    for file in tests/test_"$1".c tests/test_"$1"_*.c tests/test_*_"$1".c; do
        [ ! -f "$file" ] || basename "$file" .c
    done
    sed -n "s/^$1: //p" tests/mutation/tests | tr ' ' '\n'
}

# Runs a test, whose output goes into a file, until it fails; sets `status`. A limit of its processor's
# time, so that others on the machine do not matter, and one of time for what waits for ever.
run_test() { # PROGRAM LIMIT
    (
        ulimit -t "$2"
        LD_PRELOAD=$debug timeout --foreground $(($2 * 20)) sh -c 'echo $$ >"$0"; exec "$1"' "$my/process" "$1" </dev/null
        echo $? >"$my/status"
    ) 2>&1 >"$my/output" | awk -v process="$my/process" '
        { print }
        /FAILED/ && !ended { ended = 1; getline id <process; system("kill " id " 2>/dev/null") }' >"$my/errors"
    status=$(cat "$my/status")
}

# Seconds that a processor takes for a test with the unchanged code, at least 1; 0 where it fails.
base_time() { # TEST
    [ "$at/base/$1" -nt "$build/tests/$1.o" ] || {
        cpu=$(
            run_test "$build/tests/$1" 6000
            [ "$status" -eq 0 ] && times
        ) || {
            echo "mutation: $1 fails with the unchanged code: $(tail -1 "$my/errors")" >&2
            echo 0
            return 1
        }
        echo "$cpu" | tail -1 | tr ms '  ' | awk '{ print int($1 * 60 + $2 + $3 * 60 + $4) + 1 }' >"$my/base" &&
            mv "$my/base" "$at/base/$1"
    }
    cat "$at/base/$1"
}

own_tests_of() { # FILE
    tests_of "$(basename "$1" .c)" | sort -u | quickest_first
}

# Those of all files of its folder beside its own.
other_tests_of() { # FILE
    tests_of "$(basename "$1" .c)" | sort -u >"$my/own"
    for file in "$(dirname "$1")"/*.c; do
        tests_of "$(basename "$file" .c)"
    done | sort -u | comm -13 "$my/own" - | quickest_first
}

quickest_first() {
    while read -r test; do
        echo "$(base_time "$test") $test"
    done | sort -s -n -k 1,1 | cut -d ' ' -f 2
}

# Survivors are tried again where a test of their module is newer than the last run.
forget_survivors() {
    touch "$at/open"
    [ -f "$at/tests" ] || return 0
    cp "$results" "$at/known" && cp "$at/open" "$at/known_open" || return
    while read -r id; do
        has_new_tests "$id" || echo "$id"
    done <"$at/known_open" >"$at/open"
    while IFS=$tab read -r id result; do
        [ "$result" = survived ] && has_new_tests "$id" || printf '%s\t%s\n' "$id" "$result"
    done <"$at/known" >"$results"
}

has_new_tests() { # ID
    for test in $(tests_of "$(basename "${1%%:*}" .c)"); do
        [ ! "tests/$test.c" -nt "$at/tests" ] || return 0
    done
    return 1
}

# Sets `result`.
try() { # FILE LINE COLUMN SIZE TEXT TESTS
    mkdir -p "$my/$(dirname "$1")"
    awk -v line="$2" -v column="$3" -v size="$4" -v text="$5" '
        NR == line { $0 = substr($0, 1, column - 1) text substr($0, column + size) }
        { print }' "$1" >"$my/$1"
    object=$my/mutant.o
    result=unbuilt
    # shellcheck disable=SC2086
    $MUTANT_COMPILE -ffile-prefix-map="$my/=" -w -c "$my/$1" -o "$object" 2>/dev/null || return
    result=same
    cmp -s "$object" "$build/${1%.c}.o" && return
    result=survived
    for test in $($6 "$1"); do
        limit=$(base_time "$test") || exit 1
        # shellcheck disable=SC2086
        $MUTANT_LINK "$build/tests/$test.o" "$object" $MUTANT_OBJECTS $MUTANT_LIBRARIES -o "$my/$test" 2>"$my/output" || {
            cat "$my/output" >&2
            exit 1
        }
        run_test "$my/$test" $((limit * 5 + 20))
        rm -f "$my/$test"
        [ $status -eq 0 ] || {
            result="killed by $test"
            return
        }
    done
}

build_tests() {
    cut -f 1 "$at/mutants" | xargs -n 1 dirname | sort -u >"$at/folders"
    tests=$(while read -r folder; do
        for file in "$folder"/*.c; do
            tests_of "$(basename "$file" .c)"
        done
    done <"$at/folders" | sort -u | sed "s,^,$build/tests/,")
    # shellcheck disable=SC2086
    MAKEFLAGS='' "$MUTANT_MAKE" -s -j 2 $tests BUILD="$build" CFLAGS=-O2 >&2
}

is_explained() { # FILE NAME LINE
    grep -q -F -e "$1$tab$2$tab$(sed -n "${3}s/^ *//p" "$1")$tab" tests/mutation/survivors
}

# What own tests do not kill is noted in `open`; with the tests of the floor it survives, or does not.
# Those of which it is known why are not tried again.
work() { # WORKER TESTS
    my=$at/worker$1
    mkdir -p "$my"
    number=0
    while IFS=$tab read -r file line column size text name <&9; do
        number=$((number + 1))
        id="$file:$line:$column:$name"
        ! cut -f 1 "$results" | grep -q -F -x -e "$id" || continue
        [ "$2" != own_tests_of ] || ! grep -q -F -x -e "$id" "$at/open" || continue
        mkdir "$at/claimed/$number" 2>/dev/null || continue
        result=survived
        [ "$2" = other_tests_of ] && is_explained "$file" "$name" "$line" ||
            try "$file" "$line" "$column" "$size" "$text" "$2"
        if [ "$2" = own_tests_of ] && [ "$result" = survived ]; then
            echo "$id" >>"$at/open"
        else
            printf '%s\t%s\n' "$id" "$result" >>"$results"
        fi
        [ "$result" != survived ] || echo "  survived $2: $id"
    done 9<"$at/ordered"
}

# Several work on one list; each takes what no other has taken.
round() { # TESTS
    rm -rf "$at/claimed"
    mkdir "$at/claimed"
    for worker in $(seq "${MUTANT_WORKERS:-$(nproc)}"); do
        work "$worker" "$1" &
    done
    wait
}

forget_survivors || exit
touch "$at/tests"
build_tests || exit
sort -s -t / -k 2,2r "$at/mutants" >"$at/ordered" # those of the quickest tests first
round own_tests_of
round other_tests_of

# Of those that this seed and count make, though others are known. Lines of the list of survivors are a
# file, a name and the line's text, so that they stand where code is moved.
awk -F '\t' -v bar="$FLOOR" '
    FILENAME ~ /survivors$/ { if ($0 !~ /^#/ && NF) explained[$1 "\t" $2 "\t" $3] = 1; next }
    FILENAME ~ /results$/ { result[$1] = $2; next }
    {
        is = result[$1 ":" $2 ":" $3 ":" $6]
        missing += is == ""
        split(is, word, " "); n[word[1]]++; split($1, part, "/"); all[part[2]]++
        if (word[1] == "killed") k[part[2]]++
        if (word[1] != "survived") next
        s[part[2]]++
        for (i = 0; i < $2; i++) getline text < $1
        close($1)
        gsub(/^ +| +$/, "", text)
        if (!(($1 "\t" $6 "\t" text) in explained)) {
            printf "  survived, and tests/mutation/survivors does not say why: %s\t%s\t%s (line %d, column %d)\n", $1, $6, text, $2, $3
            open++
        }
    }
    END {
        for (floor in all)
            printf "  %-10s %3d killed, %3d survived\n", floor, k[floor], s[floor]
        tried = n["killed"] + n["survived"]
        share = tried ? 100 * n["killed"] / tried : 0
        printf "mutation: %d killed, %d survived of %d (%.1f %%); %d with the same code, %d not built\n",
            n["killed"], n["survived"], tried, share, n["same"], n["unbuilt"]
        if (missing)
            printf "mutation: %d not tried\n", missing
        exit missing > 0 || open > 0 || share < bar
    }' tests/mutation/survivors "$results" "$at/mutants"

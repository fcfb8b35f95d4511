#!/bin/sh
# The rules of docs/architecture.md that a machine can check. Prints file:line: what is wrong, and fails
# when anything is. Run from the root of the project.
set -u
LC_ALL=C
export LC_ALL

sources=$(find src -name '*.[ch]' -o -name '*.def' | sort)
tools=$(find weights -name '*.[ch]' | sort)
tests=$(find tests -name '*.[ch]' | sort)

problems() {
    # Floors: the first column of the table, from the top. A floor may include those above it;
    # weights and network do not know image.
    floors=$(sed -n '/^## Floors/,/^## [^F]/s/^| \([a-z]*\) | .*/\1/p' docs/architecture.md | grep -v '^floor$')
    [ -n "$floors" ] || echo "docs/architecture.md:1: no table of floors"
    # shellcheck disable=SC2086,SC2116
    awk -v floors="$(echo $floors)" '
        BEGIN {
            n = split(floors, names, " ")
            for (i = 1; i <= n; i++)
                rank[names[i]] = i
        }
        /^ *# *include *["<]/ {
            split(FILENAME, path, "/")
            split($0, parts, /["<>]/)
            if ($0 ~ /</ && !(parts[2] ~ /\// && substr(parts[2], 1, index(parts[2], "/") - 1) in rank))
                next
            if (FILENAME ~ /\/transfer\/stylize[a-z_]*\.h$/ && parts[2] ~ /^stylize[a-z_]*\.h$/)
                next # parts of the public header, which are installed side by side
            split(parts[2], to, "/")
            from = path[2]
            if (!(from in rank))
                print FILENAME ":" FNR ": " from " is no floor"
            else if (!(to[1] in rank))
                print FILENAME ":" FNR ": includes " parts[2] ", which names no floor"
            else if (from == "cli" && parts[2] ~ /^core\/(json_text|retry|standard_streams)\.h$/)
                next # JSON, files and streams of the program are used with the care of the library
            else if ((from == "cli" || from == "report") && to[1] != "cli" && to[1] != "report" &&
                     parts[2] != "transfer/stylize.h")
                print FILENAME ":" FNR ": includes " parts[2] "; " from " uses the public header alone"
            else if (rank[to[1]] > rank[from] || (to[1] == "image" && (from == "weights" || from == "network")))
                print FILENAME ":" FNR ": " from " includes " to[1] ", a floor below"
        }' $sources

    # Sizes. A function starts with a { that ends a line which began at the left margin.
    # shellcheck disable=SC2086
    awk '
        FNR == 1 { start = 0 }
        FNR == 501 { print FILENAME ":501: a file of over 500 lines" }
        length > 100 { print FILENAME ":" FNR ": over 100 columns" }
        /\t/ { print FILENAME ":" FNR ": a tab" }
        /[^ -~\t]/ { print FILENAME ":" FNR ": not plain ASCII" }
        / $/ { print FILENAME ":" FNR ": blanks at the end" }
        FNR == 1 && !/SPDX-License-Identifier: MIT/ { print FILENAME ":1: no SPDX line" }
        /^[a-zA-Z].*\) \{$/ || (/^ .*\) \{$/ && open) { start = FNR }
        /^\{$/ { start = FNR }
        { open = /^[a-zA-Z].*[(,]$/ || (open && /^ .*,$/) }
        /^}/ {
            if (start && FNR - start > 80)
                print FILENAME ":" start ": a function of over 80 lines"
            start = 0
        }' $sources $tools $tests

    # Variables that outlive a call are for the command line alone (constants aside). jansson's functions
    # know no context, so core/json_text.c notes what fails outside of a call; a process has one helper
    # (core/guard.c).
    # shellcheck disable=SC2086
    awk '
        FILENAME ~ /^src\/(cli\/|core\/(guard|json_text).c$)/ || FILENAME !~ /\.c$/ { next }
        /^[a-z][a-zA-Z_0-9 *]*(\[.*\])?( = .*)?[;{]$/ && !/^(typedef|extern|struct|enum|union|return) / &&
            !/^(static )?const / && !/\*const / && !/\) \{$/ {
            print FILENAME ":" FNR ": a variable that is not const"
        }
        /^ +static / && !/ const / && !/\*const / {
            print FILENAME ":" FNR ": a static variable that is not const"
        }' $sources $tools

    # What only some may call.
    # shellcheck disable=SC2086
    awk '
        function only(pattern, what, allowed) {
            if (code ~ ("(^|[^a-z_A-Z0-9])(" pattern ") *\\(") && FILENAME !~ allowed)
                print FILENAME ":" FNR ": " what " outside " allowed
        }
        {
            code = $0
            gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
            sub(/^ *\*.*/, "", code)
            sub(/\/\*.*/, "", code)
            only("printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|fputc|perror", "printing", "^(src/cli/|src/judge/main.c$|weights/convert/main.c$)")
            only("exit|_exit|abort|quick_exit", "ending the process", "^(src/cli/|src/core/guard.c$|weights/convert/apart.c$)")
            only("getenv|secure_getenv", "reading the environment", "^src/(cli/|simd/kernels.c$)")
            only("setjmp|longjmp|sigsetjmp|siglongjmp", "setjmp", "^src/image/(png|jpeg).c$")
            only("json_loads|json_loadb|json_loadf|json_loadfd|json_load_file|json_load_callback|json_dumps|json_dumpb|json_dumpf|json_dumpfd|json_dump_file|json_dump_callback|json_copy|json_deep_copy", "JSON that may lose what memory is too short for", "^src/core/json_text.c$")
            only("atoi|atol|atof|gets|strcat|sprintf|vsprintf|alloca", "an unsafe call", "^nowhere$")
        }' $sources $tools
}

found=$(problems)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
# shellcheck disable=SC2086
echo "lint: $(echo $sources $tools $tests | wc -w | tr -d ' ') files clean"

#!/bin/sh
# No file may call one that calls back, directly or by way of others: each can then be understood,
# and tested, from the bottom up. Measured on what the compiler made: which object uses a name that
# which other defines.
#     circles.sh BUILD OBJECT...
# NM is the nm for these objects. Prints each circle with the names it consists of, and fails when
# there is one.
set -u
LC_ALL=C
export LC_ALL

build=$1
shift
"${NM:-nm}" -A -P "$@" | awk -v build="$build/" '
    # "build/src/core/error.o: error_set T 0 5f"; a small letter is a name of the object alone.
    {
        object = $1
        sub(/:$/, "", object)
        if (index(object, build) == 1)
            object = substr(object, length(build) + 1)
        sub(/\.o$/, ".c", object)
        if (!(object in number)) {
            number[object] = ++files
            file[files] = object
        }
        if ($3 ~ /^[Uwv]$/)
            used[++uses] = object " " $2
        else if ($3 ~ /^[A-Z]$/)
            definer[$2] = object
    }

    # names[i, j]: what file i uses of file j. reaches[i, j]: whether i uses j, by way of others too.
    function find_paths(    i, j, k, use, pair) {
        for (use = 1; use <= uses; use++) {
            split(used[use], pair, " ")
            if (!(pair[2] in definer))
                continue
            i = number[pair[1]]
            j = number[definer[pair[2]]]
            if (i == j)
                continue
            calls++
            names[i, j] = names[i, j] " " pair[2]
            reaches[i, j] = 1
        }
        for (k = 1; k <= files; k++)
            for (i = 1; i <= files; i++)
                if ((i, k) in reaches)
                    for (j = 1; j <= files; j++)
                        if ((k, j) in reaches)
                            reaches[i, j] = 1
    }

    function in_one_circle(i, j) {
        return (i, j) in reaches && (j, i) in reaches
    }

    function print_circle(of,    i, j) {
        for (i = 1; i <= files; i++)
            for (j = 1; j <= files; j++)
                if ((i, j) in names && in_one_circle(i, j) && in_one_circle(i, of))
                    print file[i] " -> " file[j] ":" names[i, j]
    }

    END {
        find_paths()
        if (!calls) {
            print "circles: no object uses a name of another: were these objects?"
            exit 1
        }
        for (i = 1; i <= files; i++) {
            if (!in_one_circle(i, i) || i in seen)
                continue
            circle = ""
            for (j = 1; j <= files; j++) {
                if (in_one_circle(i, j)) {
                    seen[j] = 1
                    circle = circle (circle == "" ? "" : " ") file[j]
                }
            }
            print "circles: these call one another: " circle
            print_circle(i)
            failed = 1
        }
        if (failed)
            exit 1
        printf "circles: none among %d files\n", files
    }'

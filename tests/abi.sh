#!/bin/sh
# The binary interface of the shared library against the one that was promised under its soname:
# exported names with their versions, types of functions, sizes and members of structures, values of
# enumerations and constants. Also used by `make abi`, which writes the file, unless a program that was
# built with the promised interface would break.
#
#     CC=gcc sh tests/abi.sh abi-test LIBRARY FOLDER FILE        (make abi-test)
#     CC=gcc sh tests/abi.sh abi LIBRARY FOLDER FILE             (make abi)
#
# FOLDER is for what is made on the way. $RUNNER runs programs for another processor.
set -u
LC_ALL=C
export LC_ALL
mode=$1
library=$2
work=$3
promised=$4
header=src/transfer/stylize.h
cc=${CC:-cc}

fail() {
    echo "abi: $*" >&2
    exit 1
}

mkdir -p "$work" || exit 1

# The header's own declarations and those of its parts, one a line and without comments.
"$cc" -std=c11 -E -x c "$header" >"$work/lines.i" || fail "no preprocessor"
awk '
    /^# [0-9]+ "/ { own = $3 ~ /stylize[a-z_]*\.h"$/; next }
    own' "$work/lines.i" | tr '\n' ' ' | awk '
    {
        # A declaration ends with a semicolon outside braces.
        for (i = 1; i <= length($0); i++) {
            c = substr($0, i, 1)
            depth += (c == "{") - (c == "}")
            line = line c
            if (c == ";" && !depth) {
                gsub(/ +/, " ", line)
                sub(/^ /, "", line)
                print line
                line = ""
            }
        }
    }' >"$work/declarations"

# Types of functions, also of those that callers give, without the names of parameters.
sed -n 's/^__attribute__ *((visibility("default"))) */function /p; /^typedef [^{]*(.*);/s/^typedef/type/p' \
    "$work/declarations" |
    sed 's/ *__attribute__ *((.*));$/;/; s/\([ *]\)[a-z_0-9]*\([,)]\)/\1\2/g; s/ *\([,)]\)/\1/g
         s/^\([a-z]*\) \(.*[ *]\)\(stylize_[a-z_0-9]*\)\((.*\);$/\1 \3 \2\4/' >"$work/functions"

# A program that prints what the compiler makes of structures, enumerations and constants.
{
    printf '#include <stddef.h>\n#include <stdio.h>\n#include "%s"\n' "$PWD/$header"
    echo 'int main(void) {'
    awk '
        function trim(text) {
            gsub(/^ +| +$/, "", text)
            return text
        }
        /^typedef enum / {
            body = $0
            sub(/^[^{]*[{]/, "", body)
            sub(/[}].*/, "", body)
            n = split(body, items, ",")
            for (i = 1; i <= n; i++) {
                name = items[i]
                sub(/=.*/, "", name)
                name = trim(name)
                if (name != "")
                    printf "printf(\"enum %s.%s %%d\\n\", (int)%s);\n", $3, name, name
            }
        }
        /^typedef struct [a-z_]+ [{]/ {
            body = $0
            sub(/^[^{]*[{]/, "", body)
            sub(/[}][^}]*$/, "", body)
            printf "printf(\"struct %s %%zu\\n\", sizeof(%s));\n", $3, $3
            n = split(body, items, ";")
            for (i = 1; i <= n; i++) {
                if (trim(items[i]) == "")
                    continue
                m = split(items[i], names, ",")
                type = trim(names[1])
                sub(/[a-z_0-9]+(\[[^]]*\])?$/, "", type)
                for (k = 1; k <= m; k++) {
                    name = names[k]
                    sub(/\[.*/, "", name)
                    sub(/ +$/, "", name)
                    sub(/.*[ *]/, "", name)
                    printf "printf(\"member %s.%s %%zu %%zu %s\\n\", offsetof(%s, %s), " \
                           "sizeof(((%s *)0)->%s));\n", $3, name, trim(type), $3, name, $3, name
                }
            }
        }' "$work/declarations"
    sed -n '/STYLIZE_API\|STYLIZE_VERSION/d
        s/^#define \(STYLIZE_[A-Z_]*\) .*/printf("constant \1 %ld\\n", (long)\1);/p' "$header"
    echo 'return sizeof(void *) == 8 && sizeof(long) == 8 ? 0 : 77; }'
} >"$work/probe.c"
"$cc" -std=c11 "$work/probe.c" -o "$work/probe" || fail "$header: not understood"
# shellcheck disable=SC2086
${RUNNER-} "$work/probe" >"$work/layout"
case $? in
0) ;;
77)
    echo "abi tests: 0 passed, 0 failed, 1 skipped: pointers of other than 64 bits"
    exit 0
    ;;
*) fail "the probe does not run" ;;
esac

command -v readelf >/dev/null || {
    echo "abi tests: 0 passed, 0 failed, 1 skipped: no readelf here"
    exit 0
}
readelf --dyn-syms -W "$library" | awk '
    $7 !~ /UND|ABS/ && $4 ~ /FUNC|OBJECT/ && $5 ~ /GLOBAL|WEAK/ {
        name = version = $8
        sub(/@.*/, "", name)
        sub(/^[^@]*@*/, "", version)
        print "name", name, version, $4
    }' >"$work/names"

{
    echo "soname $(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')"
    cat "$work/names" "$work/functions" "$work/layout"
} | sort >"$work/found"

# Every function of the header is exported, and nothing else.
awk '$1 == "function" { print $2 }' "$work/found" | sort >"$work/declared"
awk '$1 == "name" { print $2 }' "$work/found" | sort >"$work/exported"
[ -s "$work/declared" ] || fail "$header: not understood"
diff "$work/declared" "$work/exported" >"$work/difference" || {
    sed -n 's/^< /abi: declared but not exported: /p; s/^> /abi: exported but not declared: /p' \
        "$work/difference" >&2
    exit 1
}

[ -f "$promised" ] || {
    [ "$mode" = abi ] || fail "there is no $promised: after a new SOVERSION, make abi writes it"
    cp "$work/found" "$promised"
    echo "$promised"
    exit 0
}

# What programs notice; and what they do not: what is new at an end. Only a structure that they make
# themselves may not grow.
awk '
    { key = $1 " " $2; value = substr($0, length(key) + 2) }
    NR == FNR { before[key] = value; next }
    { now[key] = 1 }
    !(key in before) { print "new: " key " " value; next }
    before[key] == value { next }
    $1 == "struct" && $2 != "stylize_error" && $2 != "stylize_field" && value + 0 > before[key] + 0 {
        print "new: " key " grew from " before[key] " to " value " bytes"
        next
    }
    { print "breaks: " key " was \"" before[key] "\", is \"" value "\"" }
    END {
        for (key in before)
            if (!(key in now))
                print "breaks: " key " is gone"
    }' "$promised" "$work/found" | sort >"$work/changes"
if [ ! -s "$work/changes" ]; then
    echo "abi tests: $(wc -l <"$promised" | tr -d ' ') passed, 0 failed"
elif grep -q '^breaks' "$work/changes"; then
    sed 's/^/abi: /' "$work/changes" >&2
    fail "programs built with it would break: undo that, or raise SOVERSION (docs/CONTRIBUTING.md)"
elif [ "$mode" = abi ]; then
    cp "$work/found" "$promised"
    sed 's/^/abi: /' "$work/changes"
else
    sed 's/^/abi: /' "$work/changes" >&2
    fail "programs built with it do not notice: make abi adds that to $promised"
fi
